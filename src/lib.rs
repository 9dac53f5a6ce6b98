//! statetrail records every status transition of pods and KubeVirt objects into an ordered timeline, and judges
//! expectations on the whole path.
//!
//! One way through the house: a source delivers observations, a recording keeps them, a timeline is their pure fold, a
//! view shows it. The rooms, each of which may know only those above it (`tests/offline/rooms.rs` holds that):
//!
//! - [`observation`]: the vocabulary, without I/O
//! - [`kinds`]: from an object to the states of its tracks
//! - [`recording`]: the file
//! - [`timeline`]: the fold of a recording into transitions, gaps and marks
//! - `monitor`: one word of one track, and whether it fits what is asked of it
//! - `language`: expectations from text to a program, and what is wrong with them
//! - `explanation`: why a word stands where it stands
//! - `judge`: a program over a timeline, and its verdicts
//! - [`expectation`]: the door to these four
//! - [`view`]: timelines as people and programs read them
//! - [`source`]: the watch loops
//! - [`replay`]: the stand-in API server
//! - [`run`]: the recorder: tasks, channels, order of shutdown
//! - [`cli`]: arguments, terminal, exit codes
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

pub mod cli;
pub mod expectation;
mod explanation;
mod judge;
pub mod kinds;
mod language;
mod monitor;
pub mod observation;
pub mod recording;
pub mod replay;
pub mod run;
pub mod source;
pub mod timeline;
pub mod view;

pub use run::Recorder;
