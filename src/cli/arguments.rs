//! The arguments of all commands.

use super::values::{Output, formats};
use crate::observation::{Capture, DNS_LABEL, Fact, LabelSelector, field_selector as fields, is_dns_label};
use crate::recording::SyncPolicy;
use crate::replay::Speed;
use crate::source::{Access, Clock, Healing, Overrides, Token};
use crate::view::{Moment, verdict};
use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};
use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// The longest timeout of a request.
const LONGEST_REQUEST: Duration = Duration::from_hours(1);

/// Record every status transition of pods and KubeVirt objects, and check expectations on the whole path.
#[derive(Debug, Parser)]
#[command(name = "statetrail", version, max_term_width = 100, propagate_version = true)]
#[command(after_help = "\
Exit codes: 0 success; 1 an expectation is violated, or nothing was found;
2 invalid usage or expectation; 3 an expectation is undecided, or the recording
is not whole; 4 cluster or file error.")]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub command: Command,
    /// Increase verbosity (-vv for more)
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// When to use colors: auto, always or never
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    #[arg(hide_possible_values = true, hide_default_value = true)]
    pub color: Color,
}

/// `--color`.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Color {
    Auto,
    Always,
    Never,
}

impl Color {
    /// Applies it to everything that is printed from now on.
    pub(super) fn apply(self) {
        let choice = match self {
            Self::Auto => anstream::ColorChoice::Auto,
            Self::Always => anstream::ColorChoice::AlwaysAnsi,
            Self::Never => anstream::ColorChoice::Never,
        };
        choice.write_global();
    }
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Record watch streams to a file
    Record(Box<Record>),
    /// Print transitions as they happen
    Watch(Box<Watch>),
    /// Record, and answer over HTTP: timeline, expectations, marks
    Serve(Box<Serve>),
    /// Write a mark into the recording of a running recorder
    Mark(Mark),
    /// Record the past, as far back as the server's history reaches, and exit
    Recover(Box<Recover>),
    /// Show the timeline of a recording
    Show(Show),
    /// Play a recording on the terminal: every entry at its time, and the states of all subjects
    Replay(Replay),
    /// Test a watch client: run it against a recording under each fault, and compare what it printed last
    Torture(Torture),
    /// Convert raw watch output into a recording
    Import(Import),
    /// Replay a recorded image-pull failure against a built-in API server
    Demo,
    /// Verify that a recording is whole: attached, fenced and without gaps
    Verify(Verify),
    /// Check expectations against recordings
    Check(Check),
    /// Check expectations against a sketched timeline
    Try(Try),
    /// Explain kinds, tracks and states, and print the documentation
    Explain(Explain),
    /// Print the client and server versions
    Version(Version),
    /// Generate shell completions
    Completions(Completions),
}

/// The long help of WHAT, which lists every declared kind.
fn kinds_to_watch() -> String {
    format!(
        "Kinds or objects to watch, as in kubectl: pods,vmi, vm NAME, vm/NAME, deployments.apps, group/version/plural \
         ... [default: pods,vmi,vm,events]\n\nKinds whose kubectl columns are tracks: {}. Other kinds have the tracks \
         phase and condition/TYPE\n\nSources that are not API servers, beside them or without a cluster: {}. See \
         `statetrail explain runtimes`",
        crate::kinds::listed(),
        crate::kinds::sources()
    )
}

/// Which objects to watch.
#[derive(Args, Debug, Default)]
#[command(next_help_heading = "What to watch")]
pub(super) struct WatchArgs {
    /// Kinds or objects to watch: pods,vmi, vm NAME, vm/NAME, deployments.apps ... [default: pods,vmi,vm,events]
    #[arg(value_name = "WHAT", long_help = kinds_to_watch())]
    pub what: Vec<String>,
    /// Namespace [default: the one of the context]
    #[arg(short, long, conflicts_with = "all_namespaces", value_parser = namespace)]
    pub namespace: Option<String>,
    /// All namespaces
    #[arg(short = 'A', long)]
    pub all_namespaces: bool,
    /// Label selector, as in kubectl
    #[arg(short = 'l', long, value_parser = label_selector)]
    pub selector: Option<String>,
    /// Field selector, as in kubectl
    #[arg(long, value_parser = field_selector)]
    pub field_selector: Option<String>,
    /// Add a track read from .status or .metadata; KIND:NAME=JSONPATH adds it to one kind only; may be repeated
    #[arg(long = "track", value_name = "NAME=JSONPATH")]
    pub tracks: Vec<String>,
    /// Kind with a storage of its own, whose resourceVersions do not compare with those of other kinds
    #[arg(long, value_name = "KIND")]
    pub separate_storage: Vec<String>,
    /// Listen on a socket, pass on to a source what is asked of it there, and record that; beside cri:ADDRESS or
    /// libpod:ADDRESS
    #[arg(long = "proxy", value_name = "SOURCE=SOCK")]
    pub proxies: Vec<String>,
}

/// How to reach the cluster.
#[derive(Args, Debug)]
#[command(next_help_heading = "Cluster")]
pub(super) struct ClusterArgs {
    /// Kubeconfig file to use [default: $KUBECONFIG, ~/.kube/config, or the pod's service account]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub kubeconfig: Option<PathBuf>,
    /// Kubeconfig context to use
    #[arg(long, value_name = "NAME")]
    pub context: Option<String>,
    /// Kubeconfig cluster to use
    #[arg(long, value_name = "NAME")]
    pub cluster: Option<String>,
    /// Kubeconfig user to use
    #[arg(long, value_name = "NAME")]
    pub user: Option<String>,
    /// Address of the API server
    #[arg(short, long, value_name = "URL")]
    pub server: Option<String>,
    /// Bearer token to authenticate with
    #[arg(long, value_name = "TOKEN")]
    pub token: Option<Token>,
    /// Certificate authority file to validate the API server's certificate with
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub certificate_authority: Option<String>,
    /// Client certificate file for TLS
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub client_certificate: Option<String>,
    /// Client key file for TLS
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub client_key: Option<String>,
    /// Server name to validate the API server's certificate against [default: the host of its address]
    #[arg(long, value_name = "NAME")]
    pub tls_server_name: Option<String>,
    /// Do not validate the API server's certificate; this makes connections insecure
    #[arg(long, conflicts_with = "certificate_authority", num_args = 0..=1, require_equals = true, value_name = "BOOL")]
    #[arg(
        default_value_t = false,
        default_missing_value = "true",
        hide_default_value = true,
        hide_possible_values = true
    )]
    #[arg(action = clap::ArgAction::Set)]
    pub insecure_skip_tls_verify: bool,
    /// User to impersonate
    #[arg(long = "as", value_name = "USER")]
    pub impersonate: Option<String>,
    /// UID to impersonate
    #[arg(long = "as-uid", value_name = "UID", requires = "impersonate")]
    pub impersonate_uid: Option<String>,
    /// Group to impersonate; may be repeated
    #[arg(long = "as-group", value_name = "GROUP", requires = "impersonate")]
    pub impersonate_groups: Vec<String>,
    /// Timeout of a request, and of the first response of a watch; in seconds if without a unit; 0 means one hour
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = request_timeout)]
    pub request_timeout: Duration,
}

impl ClusterArgs {
    /// The access settings for the source.
    pub(super) fn access(&self) -> Access {
        Access {
            kubeconfig: self.kubeconfig.clone(),
            server: None,
            overrides: Overrides {
                cluster: self.cluster.clone(),
                user: self.user.clone(),
                server: self.server.clone(),
                insecure_skip_tls_verify: self.insecure_skip_tls_verify,
                tls_server_name: self.tls_server_name.clone(),
                certificate_authority: self.certificate_authority.clone(),
                token: self.token.clone(),
                client_certificate: self.client_certificate.clone(),
                client_key: self.client_key.clone(),
            },
            context: self.context.clone(),
            impersonate: self.impersonate.clone(),
            impersonate_uid: self.impersonate_uid.clone(),
            impersonate_groups: self.impersonate_groups.clone(),
            request_timeout: Some(self.request_timeout),
        }
    }
}

/// When a recorder stops, and what it stores.
#[derive(Args, Debug)]
#[command(next_help_heading = "Recording")]
pub(super) struct RecordArgs {
    /// Stop this long after all watches are attached
    #[arg(long = "for", value_name = "DURATION", value_parser = positive)]
    pub length: Option<Duration>,
    /// Create this file when all watches are attached: each has delivered its initial state
    #[arg(long, value_name = "PATH", value_hint = ValueHint::FilePath)]
    pub ready_file: Option<PathBuf>,
    /// Write a mark for each line read from this file or FIFO; - for standard input
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub marks_from: Option<PathBuf>,
    /// What to store of an object: status and identity, or all but managedFields (may contain secrets)
    #[arg(long, value_enum, default_value = "status")]
    pub capture: CaptureWord,
    /// Record a fact that expectations may require: crictl=1.30.0; may be repeated
    #[arg(long = "fact", value_name = "NAME=VALUE", value_parser = fact)]
    pub facts: Vec<(String, String)>,
    /// How often to fsync the file
    #[arg(long, value_enum, default_value = "1s")]
    pub sync: SyncWord,
    /// Maximum number of history requests per gap, or for the past of a watch; 0 sends none (the fence has limits of
    /// its own: 2000 requests, 2000 revisions, 10s)
    #[arg(long, value_name = "N", default_value_t = Healing::default().requests)]
    pub heal_requests: u32,
    /// Maximum number of revisions of a gap, or of the past, to search for objects created and deleted in it
    #[arg(long, value_name = "N", default_value_t = Healing::default().revisions)]
    pub heal_revisions: u64,
    /// Start this far in the past (5m), or at a time (18:09:30, or RFC 3339), or as far back as the server's history
    /// reaches (etcd: 5 to 10 minutes); what happens while the past is read is recorded after it, within 30s
    #[arg(long, value_name = "WHEN", value_parser = past)]
    pub since: Option<Duration>,
    /// Do not read earlier versions of existing objects from the server's history
    #[arg(long, conflicts_with = "since")]
    pub no_history: bool,
    /// How long to hold an entry back for earlier ones from other streams
    #[arg(long, value_name = "DURATION", default_value = "200ms", value_parser = duration)]
    pub settle: Duration,
}

impl Default for RecordArgs {
    /// For the commands without these flags: the flags' defaults, except that no history is read for the beginnings of
    /// existing objects.
    fn default() -> Self {
        Self {
            length: None,
            ready_file: None,
            marks_from: None,
            capture: CaptureWord::Status,
            facts: Vec::new(),
            sync: SyncWord::EverySecond,
            heal_requests: Healing::default().requests,
            heal_revisions: Healing::default().revisions,
            since: None,
            no_history: true,
            settle: Duration::from_millis(200),
        }
    }
}

/// `record`.
#[derive(Args, Debug)]
#[command(override_usage = "statetrail record [OPTIONS] --output <FILE> [WHAT]... [-- <COMMAND>...]
       statetrail record [OPTIONS] --resume <FILE> [-- <COMMAND>...]")]
#[command(after_help = "\
Examples:
  # Record pods, VMIs, VMs and Events in a namespace until Ctrl-C
  statetrail record -n kubevirt-test -o run.jsonl.zst

  # Record VMs, VMIs and pods in all namespaces for 10 minutes
  statetrail record -A vm,vmi,pods -o run.jsonl --for 10m

  # Record while a test runs, judge an expectation, and write a report for CI
  statetrail record -o run.jsonl --expect 'vm status: never CrashLoopBackOff' \\
      --report junit.xml -- go test ./...

  # Record one VM; create ./ready when it is watched
  statetrail record vm/web -o web.jsonl --ready-file ready

  # Record until every goal is reached, for at most 15 minutes
  statetrail record -o run.jsonl --until-expect pull.yaml --for 15m

  # Resume a recording whose recorder was stopped or killed
  statetrail record --resume run.jsonl

COMMAND starts when every watch has delivered its initial state, with the path
of the recording in STATETRAIL_RECORDING, and in STATETRAIL_URL the address of
an API like that of `serve`. The recording ends when COMMAND ends.
SIGINT and SIGTERM are passed to it; a second signal kills it. --for and
--until-expect end the recording only; COMMAND continues without it.

Exits with the exit code of COMMAND if that is not 0 (128+N if signal N ended
it, 126 or 127 if it cannot be run); else with that of `statetrail check` if
that is not 0; else with 3 if the recording is not whole (see `verify`).")]
pub(super) struct Record {
    #[command(flatten)]
    pub selecting: WatchArgs,
    /// Stop when the goals in this file are reached, and print the verdicts; may be repeated
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with = "resume")]
    #[arg(help_heading = "Expectations")]
    pub until_expect: Vec<PathBuf>,
    #[command(flatten)]
    pub expecting: ExpectArgs,
    /// Write the verdicts to this file: JUnit if its name ends in .xml, JSON if it ends in .json, a page for browsers
    /// with the timeline if it ends in .html
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Expectations")]
    pub report: Option<PathBuf>,
    /// Recording to write; compressed if the name ends in .zst; - for standard output
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath, required_unless_present = "resume")]
    #[arg(help_heading = "Recording")]
    pub output: Option<PathBuf>,
    /// Resume this recording, with the same watches
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Recording")]
    #[arg(conflicts_with_all = ["output", "what", "namespace", "all_namespaces", "selector", "field_selector", "tracks", "separate_storage", "proxies", "capture", "since", "no_history"])]
    pub resume: Option<PathBuf>,
    #[command(flatten)]
    pub keeping: RecordArgs,
    #[command(flatten)]
    pub reaching: ClusterArgs,
    /// Serve /metrics for Prometheus on this loopback address, such as 127.0.0.1:9464; port 0 is a free one
    #[arg(long, value_name = "ADDR", value_parser = address, help_heading = "Recording")]
    pub metrics: Option<SocketAddr>,
    /// Command to run while recording
    #[arg(last = true, value_name = "COMMAND", value_hint = ValueHint::CommandWithArguments)]
    #[arg(help_heading = "Recording")]
    pub command: Vec<OsString>,
}

/// `serve`.
#[derive(Args, Debug)]
#[command(override_usage = "statetrail serve [OPTIONS] --output <FILE> [WHAT]...
       statetrail serve [OPTIONS] --resume <FILE>")]
#[command(after_help = "\
Examples:
  # Record a namespace, and answer on a free port, which is printed
  statetrail serve -n kubevirt-test -o run.jsonl.zst

  # Wait until expectations are decided, from another terminal
  curl --data-binary @pull.yaml \"$URL/v1/expectations?wait=5m\"

  # Follow the timeline
  curl -N -H 'Accept: text/event-stream' \"$URL/v1/timeline?kind=vm\"

  # In a pod, for whoever may watch the same in the cluster
  statetrail serve -A vm,vmi,pods -o /data/run.jsonl.zst --listen 0.0.0.0:8443 \\
      --tls-cert tls.crt --tls-key tls.key --auth kubernetes

Prints one line, the address; everything else goes to standard error. See
`statetrail explain server` for the API, and `statetrail explain metrics` for
/metrics. SIGINT and SIGTERM end the recording.

Exits with 3 if the recording is not whole (see `verify`).")]
pub(super) struct Serve {
    #[command(flatten)]
    pub selecting: WatchArgs,
    /// Recording to write; compressed if the name ends in .zst
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath, required_unless_present = "resume")]
    #[arg(help_heading = "Recording")]
    pub output: Option<PathBuf>,
    /// Resume this recording, with the same watches
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Recording")]
    #[arg(conflicts_with_all = ["output", "what", "namespace", "all_namespaces", "selector", "field_selector", "tracks", "separate_storage", "proxies", "capture", "since", "no_history"])]
    pub resume: Option<PathBuf>,
    #[command(flatten)]
    pub serving: ServeArgs,
    #[command(flatten)]
    pub keeping: RecordArgs,
    #[command(flatten)]
    pub reaching: ClusterArgs,
}

/// Where to serve, and for whom.
#[derive(Args, Debug)]
#[command(next_help_heading = "Server")]
pub(super) struct ServeArgs {
    /// Address to listen on; port 0 is a free one. All but loopback addresses need TLS and a token
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:0", value_parser = address)]
    pub listen: SocketAddr,
    /// Certificate of the server, in PEM; it is read again when it changes
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,
    /// Key of the certificate, in PEM
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
    /// Require a bearer token of this file, which has one in each line; it is read again when it changes
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with = "auth")]
    pub token_file: Option<PathBuf>,
    /// Require a bearer token of the cluster, of someone who may watch all that is recorded
    #[arg(long, value_enum, value_name = "HOW")]
    pub auth: Option<AuthWord>,
    /// Number of entries to hold in memory for readers of the timeline; earlier ones are in the recording
    #[arg(long, value_name = "N", default_value_t = crate::server::ENTRIES, value_parser = entries)]
    pub keep_entries: usize,
    /// Stop when standard input ends
    #[arg(long)]
    pub until_eof: bool,
}

/// `--auth`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum AuthWord {
    /// TokenReview and SubjectAccessReview
    Kubernetes,
}

/// `mark`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  # In the command of `statetrail record -- COMMAND`
  statetrail mark 'the node is drained'

  # Beside `statetrail serve`
  statetrail mark upgraded --server http://127.0.0.1:43121

Prints when the mark was written. Expectations refer to it in their windows:
`window: {from: {mark: upgraded}}`.

Exit codes: 0 it is in the recording; 2 invalid usage; 4 it may not be.")]
pub(super) struct Mark {
    /// Name of the mark: one line
    #[arg(value_name = "NAME", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub name: String,
    /// Address of the server
    #[arg(long, value_name = "URL", env = "STATETRAIL_URL", hide_env_values = true)]
    pub server: String,
    /// File with a bearer token in its first line
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, env = "STATETRAIL_TOKEN_FILE", hide_env_values = true)]
    pub token_file: Option<PathBuf>,
    /// Certificate authority file to validate the server's certificate with
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, env = "STATETRAIL_CA_FILE", hide_env_values = true)]
    pub certificate_authority: Option<PathBuf>,
}

/// `recover`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  # Recover the last 10 minutes, after a test has failed unrecorded
  statetrail recover -n kubevirt-test -o run.jsonl

  # Recover the last 2 minutes of one VM
  statetrail recover vm/web --since 2m -o web.jsonl

etcd keeps 5 to 10 minutes of history. What happened before is not seen.")]
pub(super) struct Recover {
    #[command(flatten)]
    pub selecting: WatchArgs,
    /// Start this far in the past (10m), or at a time (18:09:30, or RFC 3339), if the server's history reaches that far
    #[arg(long, value_name = "WHEN", default_value = "10m", value_parser = past, help_heading = "Recording")]
    pub since: Duration,
    /// Recording to write; compressed if the name ends in .zst; - for standard output
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Recording")]
    pub output: PathBuf,
    /// What to store of an object: status and identity, or all but managedFields (may contain secrets)
    #[arg(long, value_enum, default_value = "status", help_heading = "Recording")]
    pub capture: CaptureWord,
    /// Maximum number of history requests per watch
    #[arg(long, value_name = "N", default_value_t = 20_000, help_heading = "Recording")]
    pub heal_requests: u32,
    /// Maximum number of revisions to search for objects created and deleted in them
    #[arg(long, value_name = "N", default_value_t = 20_000, help_heading = "Recording")]
    pub heal_revisions: u64,
    #[command(flatten)]
    pub reaching: ClusterArgs,
}

/// Which entries to show.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "What to show")]
pub(super) struct ShowArgs {
    /// Kinds or objects to show, as in kubectl: pods,vmi, vm/web, vm web, events
    #[arg(value_name = "WHAT")]
    pub what: Vec<String>,
    /// Kind to show; may be repeated
    #[arg(long = "kind", value_name = "KIND")]
    pub kinds: Vec<String>,
    /// Namespace, or a pattern with *
    #[arg(short = 'n', long = "namespace", value_name = "NAMESPACE")]
    pub namespaces: Vec<String>,
    /// Show the namespace of every subject
    #[arg(short = 'A', long)]
    pub all_namespaces: bool,
    /// Name of an object, or a pattern with *
    #[arg(long = "name", value_name = "NAME")]
    pub names: Vec<String>,
    /// uid of an object, or a prefix of it
    #[arg(long = "uid", value_name = "UID")]
    pub uids: Vec<String>,
    /// Track, or a pattern: status, 'condition/*'. NAME=JSONPATH adds a track, read from the recorded fields
    #[arg(long = "track", value_name = "TRACK|NAME=JSONPATH")]
    pub tracks: Vec<String>,
    /// Start 5m before the end of the recording (5m), 30s after its start (+30s), at a time (18:09:30, or RFC 3339), or
    /// at a mark (mark:NAME). States held at that moment are shown, too
    #[arg(long, value_name = "WHEN")]
    pub since: Option<String>,
    /// End at this moment, written as for --since
    #[arg(long, value_name = "WHEN")]
    pub until: Option<String>,
}

/// `show`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  # Show everything, grouped by subject
  statetrail show run.jsonl

  # Show one track of one VM
  statetrail show run.jsonl vm/web --track status

  # Show the state of every subject at one moment, and why
  statetrail show run.jsonl --at 18:09:30

  # Print every gap as JSON
  statetrail show run.jsonl -o json | jq 'select(.gap)'

  # Write a page that any browser opens, without a network
  statetrail show run.jsonl -o html > run.html

  # Draw the states of all pods, with counts
  statetrail show run.jsonl pods -o mermaid

  # Export to a file for ui.perfetto.dev
  statetrail show run.jsonl -o perfetto > run.pftrace

`statetrail explain output` describes the formats.
Exits with 1 if nothing in the recording matches.")]
pub(super) struct Show {
    /// Recording to show; - for standard input
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub recording: PathBuf,
    #[command(flatten)]
    pub choosing: ShowArgs,
    /// Show the state of every subject at this moment, written as for --since
    #[arg(long, value_name = "WHEN", conflicts_with_all = ["since", "until"], help_heading = "What to show")]
    pub at: Option<String>,
    /// Output format
    #[arg(short, long, value_name = "FORMAT", default_value = "table", value_parser = formats())]
    pub output: Output,
    /// Do not page long output on a terminal
    #[arg(long)]
    pub no_pager: bool,
}

/// `replay`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  # Play a recording at ten times its speed; ? lists the keys
  statetrail replay run.jsonl --speed 10x

  # Step through the entries of one VM and of its pods
  statetrail replay run.jsonl vm/web,pods --speed step

  # Start one minute before the end
  statetrail replay run.jsonl --since 1m

  # Print every entry at its time, as `watch` does
  statetrail replay run.jsonl --track status | cat

  # Put kubectl before it
  statetrail replay run.jsonl --listen 127.0.0.1:0 --kubeconfig-out k.yaml

On a terminal it plays on the whole screen: the entries so far, and the state of
every subject at that moment. In a pipe it prints one line per entry. See
`statetrail explain output.replay` for the keys, and `statetrail explain replay`
for the server of --listen.

Exits with 1 if nothing in the recording matches.")]
pub(super) struct Replay {
    /// Recording to play; - for standard input
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath, required_unless_present = "list_faults")]
    pub recording: Option<PathBuf>,
    /// Speed: 1x is that of the recording, 10x ten times as fast, max all at once; step plays only by keys, or by
    /// requests to the server
    #[arg(long, value_name = "SPEED", default_value = "1x")]
    pub speed: Speed,
    /// List the faults of --inject, with what a correct client does
    #[arg(long, exclusive = true)]
    pub list_faults: bool,
    #[command(flatten)]
    pub choosing: ShowArgs,
    #[command(flatten)]
    pub serving: ListenArgs,
}

/// Where a recording is served, and how.
#[derive(Args, Debug)]
#[command(next_help_heading = "Server")]
pub(super) struct ListenArgs {
    /// Serve the recording as a read-only Kubernetes API server; port 0 is a free one. All but loopback addresses need
    /// TLS and a token
    #[arg(long, value_name = "ADDRESS:PORT", value_parser = address)]
    #[arg(conflicts_with_all = ["what", "kinds", "namespaces", "all_namespaces", "names", "uids", "tracks", "since", "until"])]
    pub listen: Option<SocketAddr>,
    /// Write a kubeconfig for it
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, requires = "listen")]
    pub kubeconfig_out: Option<PathBuf>,
    /// When its clock starts: at once, or with the first watch of a client
    #[arg(long, value_enum, value_name = "WHEN", default_value = "now", requires = "listen")]
    pub start: StartWord,
    /// Start again after the end
    #[arg(long = "loop", requires = "listen")]
    pub repeat: bool,
    /// Break something, such as cut-after=5 (repeatable); --list-faults lists what there is
    #[arg(long, value_name = "FAULT", requires = "listen")]
    pub inject: Vec<String>,
    /// Seed of what faults choose at random
    #[arg(long, value_name = "N", default_value_t = 1, requires = "inject")]
    pub seed: u64,
    /// Certificate of the server, in PEM
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, requires = "tls_key", requires = "listen")]
    pub tls_cert: Option<PathBuf>,
    /// Key of the certificate, in PEM
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
    /// Require a bearer token of this file, which has one in each line
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, requires = "listen")]
    pub token_file: Option<PathBuf>,
}

/// `--start`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum StartWord {
    /// At once
    Now,
    /// With the first watch
    OnWatch,
}

/// `torture`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  # A program of your own, which finds the server by its KUBECONFIG
  statetrail torture run.jsonl -- ./my-controller --dry-run

  # kubectl: it prints one line for each change, and no deletions
  statetrail torture run.jsonl -- kubectl get pods -A -w -o \\
    'go-template={{.metadata.namespace}}/{{.metadata.name}} {{.status.phase}}{{\"\\n\"}}'

The program watches all objects of a kind and prints a line for every change:
`namespace/name state`, or `name state` for an object without a namespace. The
state is .status.phase, .status.printableStatus if there is none, or Present,
and `-` for a deleted object. The last line of each object is compared twice:
when most objects exist, and at the end.

Exit codes: 0 it was right under every fault; 1 it was not; 2 invalid usage;
4 the recording cannot be read, or the program not run.")]
pub(super) struct Torture {
    /// Recording to replay
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub recording: PathBuf,
    /// Kind whose objects are compared; without one, the first of the recording
    #[arg(long, value_name = "KIND")]
    pub kind: Option<String>,
    /// Read the lines from this file, which the program writes, and not from its standard output
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub states: Option<PathBuf>,
    /// Run only this trial (repeatable)
    #[arg(long, value_name = "TRIAL")]
    pub only: Vec<String>,
    /// Speed of the replay
    #[arg(long, value_name = "SPEED", default_value = "20x")]
    pub speed: Speed,
    /// How long the program may take to come to the right states, once the recording is there
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = humantime::parse_duration)]
    pub patience: Duration,
    /// Seed of what faults choose at random
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// Output format
    #[arg(short, long, value_enum, value_name = "FORMAT", default_value = "table")]
    pub output: TortureFormat,
    /// The program, with its arguments
    #[arg(last = true, required = true, value_name = "COMMAND", value_hint = ValueHint::CommandWithArguments)]
    pub command: Vec<OsString>,
}

/// `torture -o`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum TortureFormat {
    /// One line for each trial
    Table,
    /// One line of JSON for each trial
    Json,
}

/// `watch`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  # Watch pods, VMs and VMIs in a namespace until Ctrl-C
  statetrail watch -n kubevirt-test

  # Watch objects by name, with every track
  statetrail watch 'web-*' --all

  # Watch on the whole screen, with the state of every object
  statetrail watch -n kubevirt-test --tui

  # Watch a VM until it has been running
  statetrail watch vm/web --expect 'vm/web status: ... -> Running -> ...'

With expectations, exits when each is decided, or would hold if the recording
ended now, with the exit code of `statetrail check`. With -o, exits with 3
instead of 0 if the recording is not whole.

With COMMAND, exits when COMMAND ends, with its exit code if that is not 0; see
`statetrail record --help`.")]
pub(super) struct Watch {
    #[command(flatten)]
    pub selecting: WatchArgs,
    /// Show every track and every Event, not only what `kubectl get -w` shows, failures and gaps
    #[arg(long)]
    pub all: bool,
    /// Show only this track, or those that match a pattern: status, 'condition/*'; may be repeated
    #[arg(long = "show-track", value_name = "TRACK")]
    pub shown: Vec<String>,
    /// Show the entries and the present states on the whole terminal, with keys to move and search; ? lists them
    #[arg(long)]
    pub tui: bool,
    /// Also record to this file; compressed if the name ends in .zst
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub output: Option<PathBuf>,
    #[command(flatten)]
    pub expecting: ExpectArgs,
    /// Write the verdicts to this file: JUnit if its name ends in .xml, JSON if it ends in .json, a page for browsers
    /// with the timeline if it ends in .html
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Expectations")]
    pub report: Option<PathBuf>,
    #[command(flatten)]
    pub keeping: RecordArgs,
    #[command(flatten)]
    pub reaching: ClusterArgs,
    /// Serve /metrics for Prometheus on this loopback address, such as 127.0.0.1:9464; port 0 is a free one
    #[arg(long, value_name = "ADDR", value_parser = address, help_heading = "Recording")]
    pub metrics: Option<SocketAddr>,
    /// Command to run while recording; everything else is printed to standard error
    #[arg(last = true, value_name = "COMMAND", value_hint = ValueHint::CommandWithArguments)]
    #[arg(help_heading = "Recording")]
    pub command: Vec<OsString>,
}

/// `import`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  # Import watch events until Ctrl-C, which ends the input
  kubectl get pods -w -o json --output-watch-events | \\
      statetrail import - -o run.jsonl

  # Import several kinds into one recording
  statetrail import pods.jsonl events.jsonl -o run.jsonl

Exit codes: 0 imported; 3 imported in part: an input is truncated; 4 an input
cannot be imported.")]
pub(super) struct Import {
    /// Files of raw watch output; - for standard input
    #[arg(value_name = "FILE", required = true, value_hint = ValueHint::FilePath)]
    pub inputs: Vec<PathBuf>,
    /// Recording to write; compressed if the name ends in .zst; - for standard output
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub output: PathBuf,
    /// Namespace that was watched; empty for all [default: the namespace of all objects, if they share one]
    #[arg(short, long)]
    pub namespace: Option<String>,
    /// Label selector that was watched with
    #[arg(short = 'l', long, value_parser = label_selector)]
    pub selector: Option<String>,
    /// Field selector that was watched with
    #[arg(long, value_parser = field_selector)]
    pub field_selector: Option<String>,
    /// group/version/plural=Kind, for objects with an irregular plural or without a kind; may be repeated
    #[arg(long = "resource", value_name = "RESOURCE")]
    pub resources: Vec<String>,
    /// Kind with a storage of its own
    #[arg(long, value_name = "KIND")]
    pub separate_storage: Vec<String>,
    /// What to store of an object
    #[arg(long, value_enum, default_value = "status")]
    pub capture: CaptureWord,
}

/// The expectations.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Expectations")]
pub(super) struct ExpectArgs {
    /// File of expectations in YAML or JSON; - for standard input; may be repeated
    #[arg(short = 'e', long = "expectations", value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub files: Vec<PathBuf>,
    /// One-line expectation, such as 'vm/web status: ... -> Running -> ...'; may be repeated
    #[arg(long = "expect", value_name = "LINE")]
    pub lines: Vec<String>,
}

/// `check`.
#[derive(Args, Debug)]
#[command(group = clap::ArgGroup::new("expected").args(["files", "lines"]).multiple(true).required(true))]
#[command(override_usage = "statetrail check [OPTIONS] <-e <FILE>|--expect <LINE>> <FILE>...")]
#[command(after_help = "\
Examples:
  statetrail check run.jsonl -e image-pull.yaml
  statetrail check run.jsonl --expect 'vm/web status: ... -> Running -> ...'
  statetrail check artifacts/*.jsonl.zst -e tests.yaml -o junit > junit.xml

Each recording must satisfy each expectation; one with `sometimes: true` must
be satisfied by at least one recording. See `statetrail explain expectations`
for the language and the verdicts.

Exit codes: 0 all are satisfied or skipped; 1 at least one is violated;
2 invalid usage or expectation; 3 none is violated, at least one is inconclusive
or pending; 4 a recording cannot be read, or was altered.")]
pub(super) struct Check {
    /// Recordings to check; - for standard input
    #[arg(value_name = "FILE", required = true, value_hint = ValueHint::FilePath)]
    pub recordings: Vec<PathBuf>,
    /// Add a track read from the recorded fields; KIND:NAME=JSONPATH adds it to one kind only; may be repeated
    #[arg(long = "track", value_name = "NAME=JSONPATH")]
    pub tracks: Vec<String>,
    /// Output format
    #[arg(short, long, value_enum, default_value = "text")]
    pub output: CheckFormat,
    #[command(flatten)]
    pub expecting: ExpectArgs,
}

/// `try`.
#[derive(Args, Debug)]
#[command(group = clap::ArgGroup::new("expected").args(["files", "lines"]).multiple(true).required(true))]
#[command(override_usage = "statetrail try [OPTIONS] --timeline <SKETCH> <-e <FILE>|--expect <LINE>>")]
#[command(after_help = "\
Examples:
  # Check a path against two states and an end
  statetrail try --timeline 'Pending Running |closed' \\
      --expect 'Pending -> Running'

  # Check a path against a gap between two states, while the recording continues
  statetrail try --timeline 'Pending ~ Running |open' \\
      --expect 'Pending -> Running -> ...'

See `statetrail explain expectations` for the language and for sketches.

Exit codes: 0 all are satisfied or skipped; 1 at least one is violated;
2 invalid sketch or expectation; 3 at least one is pending or inconclusive.")]
pub(super) struct Try {
    /// Sketched timeline: states, gaps (~), times (@12.5) and an end (|open, |closed, |deleted)
    #[arg(long, value_name = "SKETCH")]
    pub timeline: String,
    /// Output format
    #[arg(short, long, value_enum, default_value = "text")]
    pub output: VerdictFormat,
    #[command(flatten)]
    pub expecting: ExpectArgs,
}

/// `check -o`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum CheckFormat {
    Text,
    Json,
    Junit,
    /// The timeline and the verdicts as a page for browsers
    Html,
}

impl CheckFormat {
    /// The format of the verdicts alone; none for the page.
    pub(super) fn of_verdicts(self) -> Option<VerdictFormat> {
        match self {
            Self::Text => Some(VerdictFormat::Text),
            Self::Json => Some(VerdictFormat::Json),
            Self::Junit => Some(VerdictFormat::Junit),
            Self::Html => None,
        }
    }
}

/// `try -o`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum VerdictFormat {
    Text,
    Json,
    Junit,
}

impl From<VerdictFormat> for verdict::Format {
    fn from(format: VerdictFormat) -> Self {
        match format {
            VerdictFormat::Text => Self::Text,
            VerdictFormat::Json => Self::Json,
            VerdictFormat::Junit => Self::Junit,
        }
    }
}

/// `explain`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  # List kinds and documents
  statetrail explain

  # Explain the tracks of a kind, and the states of one track
  statetrail explain vm
  statetrail explain vm.status

  # Print a document, or one of its sections
  statetrail explain semantics
  statetrail explain semantics.gaps")]
pub(super) struct Explain {
    /// KIND, KIND.TRACK, DOCUMENT or DOCUMENT.SECTION [default: list kinds and documents]
    #[arg(value_name = "TOPIC")]
    pub topic: Option<String>,
    /// Do not page long output on a terminal
    #[arg(long)]
    pub no_pager: bool,
}

/// `version`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  # Print the client version, and the server version of the current context
  statetrail version

  # Print the client version only
  statetrail version --client

Exit codes: 0 success; 2 invalid usage; 4 the server cannot be reached.")]
pub(super) struct Version {
    /// Print the client version only, without contacting a server
    #[arg(long)]
    pub client: bool,
    /// Output format
    #[arg(short, long, value_enum, default_value = "text")]
    pub output: ReportFormat,
    #[command(flatten)]
    pub reaching: ClusterArgs,
}

/// `completions`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  # In ~/.bashrc
  source <(statetrail completions bash)

  # In ~/.zshrc, after compinit
  source <(statetrail completions zsh)

  # Once
  statetrail completions fish > ~/.config/fish/completions/statetrail.fish

  # For `kubectl statetrail`, in any directory of PATH
  ln -s \"$(command -v statetrail)\" ~/bin/kubectl-statetrail
  ln -s \"$(command -v statetrail)\" ~/bin/kubectl_complete-statetrail

Namespaces are those of the cluster, if it answers within two seconds.")]
pub(super) struct Completions {
    /// Shell to generate completions for
    pub shell: Shell,
}

/// A shell that can complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Shell {
    Bash,
    Elvish,
    Fish,
    Powershell,
    Zsh,
}

impl Shell {
    /// Its name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Bash => "bash",
            Self::Elvish => "elvish",
            Self::Fish => "fish",
            Self::Powershell => "powershell",
            Self::Zsh => "zsh",
        }
    }
}

/// `verify`.
#[derive(Args, Debug)]
#[command(after_help = "\
Exit codes: 0 the recording is whole; 3 it is not whole; 4 it cannot be read, or
was altered.")]
pub(super) struct Verify {
    /// Recording to verify
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub recording: PathBuf,
    /// Output format
    #[arg(short, long, value_enum, default_value = "text")]
    pub output: ReportFormat,
}

/// `verify -o`, `version -o`.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum ReportFormat {
    Text,
    Json,
}

/// `--capture`.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum CaptureWord {
    Status,
    Full,
}

impl From<CaptureWord> for Capture {
    fn from(word: CaptureWord) -> Self {
        match word {
            CaptureWord::Status => Self::Status,
            CaptureWord::Full => Self::Full,
        }
    }
}

/// `--sync`.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum SyncWord {
    Always,
    #[value(name = "1s")]
    EverySecond,
    Never,
}

impl From<SyncWord> for SyncPolicy {
    fn from(word: SyncWord) -> Self {
        match word {
            SyncWord::Always => Self::Always,
            SyncWord::EverySecond => Self::EverySecond,
            SyncWord::Never => Self::Never,
        }
    }
}

/// Rejects names that no namespace can have: a watch in it would wait forever, since a server lists nothing there.
fn namespace(text: &str) -> Result<String, String> {
    if is_dns_label(text) {
        return Ok(text.to_owned());
    }
    if text.is_empty() {
        return Err("the namespace is empty: omit -n to use the context's, or use -A for all".to_owned());
    }
    Err(format!("`{text}` cannot name a namespace: a name is {DNS_LABEL}"))
}

fn label_selector(text: &str) -> Result<String, String> {
    match LabelSelector::parse(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(error) => Err(format!("at character {}: {error}", error.column(text))),
    }
}

fn field_selector(text: &str) -> Result<String, String> {
    for term in fields::terms(text).filter(|term| !term.is_empty()) {
        let Some((_, _, value)) = fields::split(term) else {
            return Err(format!("`{term}` is not a valid field selector; use FIELD=VALUE or FIELD!=VALUE"));
        };
        if fields::unescape(value).is_none() {
            return Err(format!("`{value}` is not a valid value: escape `\\`, `,` and `=` with a `\\`"));
        }
    }
    Ok(text.to_owned())
}

/// `127.0.0.1:8080`, `[::1]:8080`, `localhost:8080`.
fn address(text: &str) -> Result<SocketAddr, String> {
    let local = text.strip_prefix("localhost:").map(|port| format!("127.0.0.1:{port}"));
    local.as_deref().unwrap_or(text).parse().map_err(|_| {
        "it is no address with a port; write 127.0.0.1:8080, [::1]:8080, or 0.0.0.0:8443 for all interfaces".to_owned()
    })
}

fn entries(text: &str) -> Result<usize, String> {
    let number: usize = text.parse().map_err(|_| "it is no number".to_owned())?;
    if number < 1000 { Err("at least 1000 are needed".to_owned()) } else { Ok(number) }
}

/// `crictl=1.30.0`.
fn fact(text: &str) -> Result<(String, String), String> {
    const FORM: &str = "write NAME=VALUE, such as crictl=1.30.0";
    let (name, value) = text.split_once('=').ok_or(FORM)?;
    if !Fact::is_name(name) {
        return Err(format!(
            "`{name}` cannot name a fact: words of letters, digits, `_` and `-`, between dots; {FORM}"
        ));
    }
    if value.trim().is_empty() || value.trim() != value || value.contains(char::is_control) {
        return Err(format!("the value of `{name}` is empty, or has spaces around it or control characters; {FORM}"));
    }
    Ok((name.to_owned(), value.to_owned()))
}

fn positive(text: &str) -> Result<Duration, String> {
    match duration(text) {
        Ok(duration) if duration.is_zero() => Err("must be greater than zero".to_owned()),
        read => read,
    }
}

/// A moment in the past, as a duration before now.
fn past(text: &str) -> Result<Duration, String> {
    let moment: Moment = text.parse().map_err(|_| {
        format!(
            "`{text}` is not a moment in the past: write a duration (5m) or a time (18:09:30, 2026-11-20T18:09:30Z)"
        )
    })?;
    let refused = match &moment {
        Moment::Mark(_) => Some("the recording that starts now has no marks yet"),
        Moment::Elapsed(_) => Some("that is after the start of a recording, and this one starts now"),
        _ => None,
    };
    if let Some(refused) = refused {
        return Err(format!("{refused}: write a duration (5m) or a time (18:09:30, 2026-11-20T18:09:30Z)"));
    }
    match moment.before(Clock::start(Duration::ZERO).begin()) {
        None => Err("it is in the future".to_owned()),
        Some(before) if before.is_zero() => Err("must be greater than zero".to_owned()),
        Some(before) => Ok(before),
    }
}

/// As in kubectl, where 0 is no timeout; here it is a long one.
fn request_timeout(text: &str) -> Result<Duration, String> {
    let read = text.parse().map_or_else(|_| duration(text), |seconds| Ok(Duration::from_secs(seconds)))?;
    Ok(if read.is_zero() { LONGEST_REQUEST } else { read.min(LONGEST_REQUEST) })
}

fn duration(text: &str) -> Result<Duration, String> {
    humantime::parse_duration(text).map_err(|error| match error {
        humantime::DurationError::UnknownUnit { unit, value, .. } if unit.is_empty() => {
            format!("`{value}` has no unit; use {value}s, {value}m or {value}ms")
        }
        error => format!("{error}; use a number with a unit, such as 90s or 5m"),
    })
}
