//! The server beside a recorder: that of `statetrail serve`, or of the command of `record -- COMMAND`.

use super::arguments::{AuthWord, ServeArgs};
use super::command::Command;
use super::exit::{Failure, written};
use super::printer::{self, Notation};
use crate::listen::{Certificate, TokenFile, require_protection};
use crate::metrics::Metrics;
use crate::observation::Watch;
use crate::run::{Attaching, LiveJudge, LiveTimeline, Recorder, Stop};
use crate::server::{Access, App, ENTRIES, Listening, Reviewer, Server, Who};
use std::io::{self, Read};
use std::net::{Ipv4Addr, SocketAddr};

/// An open port, and who may use it.
pub(super) struct Serving {
    listening: Listening,
    who: WhoFrom,
    is_loopback: bool,
    entries: usize,
}

/// Where it is said who may use it.
enum WhoFrom {
    Anyone,
    Token(TokenFile),
    Cluster,
}

impl Serving {
    /// The server that the flags ask for, or that of a command; none without either.
    ///
    /// # Errors
    /// It cannot be opened.
    pub(super) fn of(args: Option<ServeArgs>, command: Option<&Command>) -> Result<Option<Self>, Failure> {
        match (args, command) {
            (Some(args), _) => {
                let serving = Self::open(args)?;
                written(printer::print(Notation::Words, &format!("{}\n", serving.listening.url())))?;
                Ok(Some(serving))
            }
            (None, Some(command)) => {
                let serving = Self::beside_command()?;
                command.asks(serving.listening.url());
                Ok(Some(serving))
            }
            (None, None) => Ok(None),
        }
    }

    /// Opens the port that the flags say.
    ///
    /// # Errors
    /// It cannot be opened, or would be open to anyone on the network.
    fn open(args: ServeArgs) -> Result<Self, Failure> {
        let ServeArgs { listen: address, tls_cert, tls_key, token_file, auth, keep_entries: entries, .. } = args;
        let certificate = Certificate::of(tls_cert, tls_key).map_err(Failure::trouble)?;
        let who = match (token_file, auth) {
            (Some(path), _) => WhoFrom::Token(TokenFile::read(path).map_err(Failure::trouble)?),
            (None, Some(AuthWord::Kubernetes)) => WhoFrom::Cluster,
            (None, None) => WhoFrom::Anyone,
        };
        let asks_who = !matches!(who, WhoFrom::Anyone);
        require_protection(address, certificate.is_some(), asks_who, "--token-file or --auth kubernetes")
            .map_err(Failure::usage)?;
        let is_loopback = address.ip().is_loopback();
        let listening = Listening::open(address, certificate).map_err(Failure::trouble)?;
        Ok(Self { listening, who, is_loopback, entries })
    }

    /// Opens a free port of this machine, for the command of a recorder.
    ///
    /// # Errors
    /// There is none.
    fn beside_command() -> Result<Self, Failure> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let listening = Listening::open(address, None).map_err(Failure::trouble)?;
        Ok(Self { listening, who: WhoFrom::Anyone, is_loopback: true, entries: ENTRIES })
    }

    /// The timeline that it will answer from.
    pub(super) fn timeline(&self, attaching: &Attaching) -> LiveTimeline {
        attaching.timeline(self.entries)
    }

    /// Answers requests from now on.
    pub(super) fn serve(
        self,
        (recorder, judges): (&Recorder, Vec<LiveJudge>),
        timeline: LiveTimeline,
        metrics: Metrics,
    ) -> Server {
        let watches: Vec<Watch> = recorder.watches().to_vec();
        let who = match self.who {
            WhoFrom::Anyone => Who::Anyone,
            WhoFrom::Token(file) => Who::Token(file),
            WhoFrom::Cluster => Who::Kubernetes(Reviewer::new(recorder.cluster(), watches)),
        };
        let access = Access { is_loopback: self.is_loopback, who };
        self.listening.serve(App::new((recorder, judges), timeline, metrics, access))
    }
}

/// Opens the port of `--metrics`, and says where it is.
///
/// # Errors
/// It cannot be opened, or others could reach it.
pub(super) fn exporter(address: Option<SocketAddr>) -> Result<Option<Listening>, Failure> {
    let Some(address) = address else { return Ok(None) };
    if !address.ip().is_loopback() {
        return Err(Failure::usage(format!(
            "--metrics {address} is no loopback address, and whoever reaches it could read the metrics; \
             use `statetrail serve`, which has them at /metrics, with TLS and tokens"
        )));
    }
    let listening = Listening::open(address, None).map_err(Failure::trouble)?;
    printer::say(format!("metrics at {}/metrics", listening.url()));
    Ok(Some(listening))
}

/// Stops a recorder when standard input ends: with the program that holds the other end.
pub(super) fn stop_at_eof(stop: Stop) {
    std::thread::spawn(move || {
        let mut buffer = [0; 4096];
        loop {
            match io::stdin().read(&mut buffer) {
                Ok(0) => break,
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => break,
            }
        }
        stop.finish("standard input has ended");
    });
}
