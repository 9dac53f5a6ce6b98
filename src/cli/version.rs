//! `statetrail version`: the versions of this program, of what it reads and writes, and of the server.

use super::arguments::{ReportFormat, Version};
use super::exit::{Exit, Failure, written};
use super::printer::{self, Notation};
use super::runtime;
use crate::expectation::API_VERSION;
use crate::observation::printable;
use crate::recording::FORMAT;
use crate::source::{Access, Cluster, ServerVersion, server_version};
use serde::Serialize;
use std::time::Duration;

/// How long reading the kubeconfig may take, with its credential plugin, which may ask its user.
const CONFIGURATION: Duration = Duration::from_mins(3);

/// What is printed.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Versions {
    client_version: &'static str,
    recording_format: &'static str,
    expectation_language: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    server_version: Option<ServerVersion>,
}

impl Versions {
    fn with(server_version: Option<ServerVersion>) -> Self {
        Self {
            client_version: env!("CARGO_PKG_VERSION"),
            recording_format: FORMAT,
            expectation_language: API_VERSION,
            server_version,
        }
    }

    fn json(&self) -> String {
        serde_json::to_string(self).expect("plain data") + "\n"
    }

    /// The lines about this program.
    fn text(&self) -> String {
        format!(
            "Client Version: {}\nRecording Format: {}\nExpectation Language: {}\n",
            self.client_version, self.recording_format, self.expectation_language
        )
    }
}

/// Runs it.
pub(super) fn run(command: &Version) -> Result<Exit, Failure> {
    let asked = || runtime::run(ask(command.reaching.access()));
    match command.output {
        ReportFormat::Text => {
            // The server may take its time.
            print(Notation::Words, &Versions::with(None).text())?;
            if !command.client {
                let server = asked()?.git_version;
                print(Notation::Words, &format!("Server Version: {}\n", printable(&server)))?;
            }
        }
        ReportFormat::Json => {
            let server = (!command.client).then(asked).transpose();
            let (server, failure) = match server {
                Ok(server) => (server, None),
                Err(failure) => (None, Some(failure)),
            };
            print(Notation::Json, &Versions::with(server).json())?;
            if let Some(failure) = failure {
                return Err(failure);
            }
        }
    }
    Ok(Exit::Ok)
}

/// Asks the server.
async fn ask(access: Access) -> Result<ServerVersion, Failure> {
    let cluster = tokio::time::timeout(CONFIGURATION, Cluster::new(access)).await;
    let slow = |_| Failure::trouble(format!("read the kubeconfig: it took longer than {} s", CONFIGURATION.as_secs()));
    Ok(server_version(&cluster.map_err(slow)??).await?)
}

fn print(notation: Notation, text: &str) -> Result<(), Failure> {
    written(printer::print(notation, text)).map(|_| ())
}
