//! statetrail records every status transition of pods and KubeVirt objects into an ordered timeline, and judges
//! expectations on the whole path.
//!
//! A test holds a [`Recorder`]: it records, passes entries on to listeners, takes marks and judges expectations.
//!
//! - [`run`]: the recorder, its settings and its results
//! - [`source`]: the cluster, the watches' timeouts, and how much of the server's history may be read
//! - [`replay`]: a stand-in API server, for tests without a cluster
//! - [`observation`]: resources, watches, subjects, tracks and states
//! - [`timeline`] and [`kinds`]: what listeners get: transitions, gaps, marks and Events
//! - [`expectation`]: expectations, compiled, and their verdicts
//! - [`recording`]: how the file is synced, and what it proves
//!
//! Whatever else is public is hidden here: the program, the tests and the benchmarks of this repository need it, and it
//! may change at any time. `docs/ARCHITECTURE.md` is about the inside.
//!
//! A test that records, acts and expects:
//!
//! ```
//! use statetrail::expectation::{Program, Source};
//! use statetrail::observation::{Change, Resource, Watch};
//! use statetrail::replay::{Options, Server, Store};
//! use statetrail::run::{Config, Recorder};
//! use statetrail::source::Cluster;
//! use std::{sync::Arc, time::Duration};
//!
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // The stand-in server; with `Cluster::new(Access::default())` it is the cluster of your kubeconfig.
//! let (store, pods) = (Store::new(), Resource::new("", "v1", "pods", "Pod"));
//! store.serve(&pods);
//! let server = Server::start(store.clone(), Options::default())?;
//! let cluster = Cluster::at(server.url()).await?;
//!
//! let folder = tempfile::tempdir()?;
//! let config = Config::new(cluster, vec![Watch::all(pods.clone())], folder.path().join("web.jsonl"));
//! let recorder = Recorder::attach(config).await?;
//!
//! recorder.mark("the pod is created").await?;
//! for phase in ["Pending", "Running", "Succeeded"] {
//!     let pod = format!(r#"{{"metadata": {{"name": "web", "namespace": "shop"}}, "status": {{"phase": "{phase}"}}}}"#);
//!     store.write(&pods, Change::Modified, pod.as_bytes())?;
//! }
//!
//! // Of every pod of the name nothing is decided while another may come; the first is known.
//! let text = "
//! apiVersion: statetrail/v1
//! kind: Expectation
//! metadata: {name: succeeds}
//! subjects: {pod: {kind: Pod, namespace: shop, name: web, life: first}}
//! expect: [{track: pod.phase, path: 'Pending -> Running -> Succeeded -> ...'}]
//! ";
//! let document = Source::Document { name: "my test", text };
//! let program = Arc::new(Program::compile([document]).map_err(|diagnostics| diagnostics.to_string())?);
//! let verdicts = recorder.expect(program, Duration::from_secs(30)).await?;
//! assert!(verdicts.passed(), "{verdicts}");
//!
//! let recorded = recorder.finish().await?;
//! assert!(recorded.finished.verified.complete);
//! # server.shutdown().await?;
//! # Ok(())
//! # }
//! ```

#[doc(hidden)]
pub mod cli;
pub mod expectation;
mod explanation;
mod judge;
pub mod kinds;
mod language;
mod listen;
mod meter;
#[doc(hidden)]
pub mod metrics;
mod monitor;
pub mod observation;
pub mod recording;
pub mod replay;
pub mod run;
#[doc(hidden)]
pub mod server;
pub mod source;
pub mod timeline;
#[doc(hidden)]
pub mod view;

pub use run::Recorder;
