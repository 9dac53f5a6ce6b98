//! `statetrail replay --listen`: a recording as a read-only Kubernetes API server.

use super::arguments::{ListenArgs, StartWord};
use super::exit::{Exit, Failure, written};
use super::printer::{self, Notation};
use super::{progress, runtime, signals};
use crate::listen::{Certificate, TokenFile, first_token, require_protection};
use crate::observation::{Watch, WatchId};
use crate::recording::{Header, Reader, Record};
use crate::replay::{Access, Fault, Options, Playback, Server, Speed, catalogue, load};
use std::collections::BTreeSet;
use std::fmt::{Display, Write as _};
use std::fs;
use std::io::Write as _;
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Serves a recording until it is stopped.
pub(super) fn run(recording: &Path, address: SocketAddr, args: &ListenArgs, speed: Speed) -> Result<Exit, Failure> {
    let access = access(address, args)?;
    let faults: Vec<Fault> =
        args.inject.iter().map(|fault| fault.parse()).collect::<Result<_, _>>().map_err(Failure::usage)?;
    let mut reader = Reader::open(recording)?;
    let Served { header, ids, left_out } = Served::of(reader.header());
    if header.watches.is_empty() {
        let why = "no API server has such objects; `replay` without --listen plays it on the terminal";
        return Err(Failure::usage(format!("{} is of {}: {why}", recording.display(), left_out.join(", "))));
    }
    if !left_out.is_empty() {
        let left_out = left_out.join(", ");
        printer::say(format!("warning: {left_out}: left out, because no API server has such objects"));
    }
    let records = reader.by_ref().filter_map(|record| match record {
        Ok(record) => numbered(record, &ids).map(Ok),
        Err(error) => Some(Err(error)),
    });
    let loaded = load(&header, records).map_err(|error| match error {
        crate::replay::Error::Recording(error) => Failure::from(*error),
        error => Failure::trouble(format!("cannot replay {}: {error}", recording.display())),
    })?;
    if let Some(torn) = reader.torn() {
        progress::torn(recording, torn, "replayed");
    }
    for caveat in &loaded.caveats {
        printer::say(format!("warning: {}: {caveat}", recording.display()));
    }
    let resources = || header.watches.iter().map(|watch| &watch.resource);
    let idle = faults.iter().find(|fault| !resources().any(|of| fault.is_about(&of.group, &of.plural)));
    if let Some(resource) = idle.and_then(|fault| fault.scope.resource.as_ref()) {
        return Err(Failure::usage(format!("--inject: there is no {resource}; it replays {}", kinds(&header))));
    }
    let mut options = Options { address, ..Options::default() };
    if let Some(cluster) = &header.cluster {
        options.cluster_uid = cluster.to_string();
    }
    if let Some(version) = header.environment.kubernetes.clone() {
        options.server_version = version;
    }
    let is_held = args.start == StartWord::OnWatch;
    let playback = Playback::new(loaded.moments.clone(), loaded.length, speed, is_held, args.repeat);
    let stop = signals::listen()?;
    runtime::run(async {
        let server = Server::replay(loaded, header.started, playback, options, access).map_err(Failure::trouble)?;
        server.seed(args.seed);
        faults.into_iter().for_each(|fault| server.inject(fault));
        if let Some(path) = &args.kubeconfig_out {
            let token = args.token_file.as_deref().map(|path| first_token(path).map_err(|why| unusable(path, why)));
            let token = token.transpose()?;
            let authority = args.tls_cert.as_deref();
            write_private(path, &server.kubeconfig(token.as_deref(), authority))?;
        }
        written(printer::print(Notation::Words, &format!("{}\n", server.url())))?;
        printer::say(announced(&header, args, is_held));
        stop.finish.cancelled().await;
        // Connections of clients that do not end are cut.
        let _ = server.shutdown().await;
        Ok(Exit::Ok)
    })
}

/// What of a recording an API server can have.
struct Served {
    /// The header with those watches alone.
    header: Header,
    /// The number that each watch has in it.
    ids: Vec<Option<WatchId>>,
    /// The others.
    left_out: Vec<String>,
}

impl Served {
    fn of(whole: &Header) -> Self {
        let mut header = whole.clone();
        header.watches.retain(Watch::is_served);
        let mut next = 0..;
        let ids = whole.watches.iter().map(|watch| if watch.is_served() { next.next() } else { None }).collect();
        let left_out = whole.watches.iter().filter(|watch| !watch.is_served()).map(Watch::selected).collect();
        Self { header, ids, left_out }
    }
}

/// A record with the number of its watch; none if that is left out.
fn numbered(mut record: Record, ids: &[Option<WatchId>]) -> Option<Record> {
    if let Some(watch) = record.observation.payload.watch_mut() {
        // One that the header does not have is as wrong as before.
        *watch = ids.get(usize::from(*watch)).copied().unwrap_or(Some(WatchId::MAX))?;
    }
    Some(record)
}

/// What is served, and how to use it.
fn announced(header: &Header, args: &ListenArgs, is_held: bool) -> String {
    let mut text = format!("replaying {} of {:.3}", kinds(header), header.started);
    if is_held {
        text += ", from the first watch on";
    }
    if let Some(path) = &args.kubeconfig_out {
        let _ = write!(text, "; export KUBECONFIG={}", path.display());
    }
    text + "; POST to /replay/pause, resume, step, seek or speed moves it"
}

/// What a recording is of, each once.
pub(super) fn kinds(header: &Header) -> String {
    let kinds: BTreeSet<String> = header.watches.iter().map(|watch| watch.resource.to_string()).collect();
    kinds.into_iter().collect::<Vec<_>>().join(", ")
}

/// Who may use the port.
fn access(address: SocketAddr, args: &ListenArgs) -> Result<Access, Failure> {
    let certificate = Certificate::of(args.tls_cert.clone(), args.tls_key.clone()).map_err(Failure::trouble)?;
    let tokens = args.token_file.clone().map(TokenFile::read).transpose().map_err(Failure::trouble)?;
    require_protection(address, certificate.is_some(), tokens.is_some(), "--token-file").map_err(Failure::usage)?;
    Ok(Access { certificate, tokens })
}

/// Writes a file that only its owner may read.
fn write_private(path: &Path, text: &str) -> Result<(), Failure> {
    let _ = fs::remove_file(path);
    let opened = fs::File::options().write(true).create_new(true).mode(0o600).open(path);
    opened.and_then(|mut file| file.write_all(text.as_bytes())).map_err(|error| unusable(path, error))
}

fn unusable(path: &Path, why: impl Display) -> Failure {
    Failure::trouble(format!("cannot use {}: {why}", path.display()))
}

/// Lists the faults.
pub(super) fn list_faults() -> Result<Exit, Failure> {
    let mut text = String::new();
    for known in catalogue() {
        let once = if known.times == Some(1) { ", once unless times=N says otherwise" } else { "" };
        let _ = writeln!(text, "{}\n    {}{once}\n    a correct client {}", known.syntax, known.doc, known.correct);
    }
    written(printer::print(Notation::Words, &text))
}
