use super::super::super::clock::Clock;
use super::super::super::proxy::{Calls, Exchange, Known, relay, watched};
use super::exchange::Http2;
use crate::kinds::CriCall as Call;
use bytes::Bytes;
use h2::server::SendResponse;
use h2::{Reason, RecvStream};
use http::{HeaderMap, Request, Response};
use proptest::prelude::*;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::UnixStream;

/// What came on a connection: from the runtime, or from the client.
#[derive(Clone, Debug)]
struct Came {
    is_answer: bool,
    bytes: Vec<u8>,
}

/// Reads along, and keeps what came.
struct Keeping {
    exchange: Http2,
    came: Arc<Mutex<Vec<Came>>>,
}

impl Keeping {
    fn keep(&self, is_answer: bool, bytes: &[u8]) {
        self.came.lock().unwrap().push(Came { is_answer, bytes: bytes.to_vec() });
    }
}

impl Exchange for Keeping {
    fn asked_all(&mut self) {
        self.exchange.asked_all();
    }

    fn requested(&mut self, bytes: &[u8]) -> usize {
        self.keep(false, bytes);
        self.exchange.requested(bytes)
    }

    fn is_waiting(&self) -> bool {
        self.exchange.is_waiting()
    }

    fn answered(&mut self, bytes: &[u8]) {
        self.keep(true, bytes);
        self.exchange.answered(bytes);
    }

    fn ended(&mut self) {
        self.exchange.ended();
    }

    fn left(&mut self, bytes: &[u8]) {
        self.keep(true, bytes);
        self.exchange.left(bytes);
    }

    fn cut(&mut self) {
        self.exchange.cut();
    }
}

fn calls() -> Calls<Call> {
    Calls::after(0, Clock::start(Duration::ZERO)).unwrap()
}

/// What is recorded of calls.
fn told(calls: &Calls<Call>) -> Vec<String> {
    let (known, is_unread) = calls.known();
    let mut told: Vec<String> = known
        .into_iter()
        .map(|(name, known): (_, Known<Call>)| match known {
            Ok(Call { state, code, .. }) => format!("{name} {state:?} {code}").trim_end().to_owned(),
            Err(why) => format!("{name}: {why}"),
        })
        .collect();
    told.extend(is_unread.then(|| "unread".to_owned()));
    told
}

/// A message of gRPC.
fn message(bytes: &[u8]) -> Bytes {
    let length = u32::try_from(bytes.len()).unwrap().to_be_bytes();
    [&[0][..], &length, bytes].concat().into()
}

/// A field of a message, shorter than 128 bytes.
fn field(tag: u8, bytes: &[u8]) -> Vec<u8> {
    [&[tag << 3 | 2, u8::try_from(bytes.len()).unwrap()][..], bytes].concat()
}

/// `RunPodSandbox` of a pod, and 100 kB more.
fn run_pod() -> Bytes {
    let metadata = [field(1, b"web"), field(3, b"shop")].concat();
    let mut request = field(1, &field(1, &metadata));
    // Field 2, with a length of three bytes.
    request.extend([2 << 3 | 2, 0xa0, 0x8d, 0x06]);
    request.resize(request.len() + 100_000, b'x');
    message(&request)
}

fn codes(code: &str) -> HeaderMap {
    HeaderMap::from_iter([("grpc-status".parse().unwrap(), code.parse().unwrap())])
}

/// The runtime: it reads a request, and answers.
async fn serve(request: Request<RecvStream>, mut respond: SendResponse<Bytes>) {
    let (parts, mut body) = request.into_parts();
    while let Some(Ok(data)) = body.data().await {
        body.flow_control().release_capacity(data.len()).unwrap();
    }
    let response = Response::new(());
    let method = parts.uri.path().rsplit('/').next().unwrap_or_default();
    match method {
        "ContainerStatus" => {
            let mut response = response;
            *response.headers_mut() = codes("5");
            respond.send_response(response, true).unwrap();
        }
        "Status" => {
            respond.send_response(response, true).unwrap();
        }
        "GetContainerEvents" => {
            let mut stream = respond.send_response(response, false).unwrap();
            stream.send_data(message(b"event"), false).unwrap();
            let _ = std::future::poll_fn(|context| stream.poll_reset(context)).await;
        }
        "Reset" => respond.send_reset(Reason::INTERNAL_ERROR),
        _ => {
            let mut stream = respond.send_response(response, false).unwrap();
            stream.send_data(message(b"answer"), false).unwrap();
            stream.send_trailers(codes("0")).unwrap();
        }
    }
}

/// Makes a call, and reads its answer unless it is a stream, which is left.
async fn call(send: &mut h2::client::SendRequest<Bytes>, method: &str, request: Bytes, header: usize) {
    let path = format!("http://d/runtime.v1.RuntimeService/{method}");
    let asked = Request::post(path).header("content-type", "application/grpc").header("x-long", "x".repeat(header));
    std::future::poll_fn(|context| send.poll_ready(context)).await.unwrap();
    let (response, mut body) = send.send_request(asked.body(()).unwrap(), false).unwrap();
    body.send_data(request, true).unwrap();
    let Ok(response) = response.await else { return };
    let mut body = response.into_body();
    while let Some(Ok(data)) = body.data().await {
        body.flow_control().release_capacity(data.len()).unwrap();
        if method == "GetContainerEvents" {
            return;
        }
    }
    let _ = body.trailers().await;
}

/// A connection with what HTTP/2 has, what came on it, and what was recorded of it.
async fn connection() -> (Vec<Came>, Vec<String>) {
    let (calls, came) = (calls(), Arc::default());
    let ((client, near), (far, runtime)) = (UnixStream::pair().unwrap(), UnixStream::pair().unwrap());
    let exchange = Keeping { exchange: Http2::new(calls.clone()), came: Arc::clone(&came) };
    let relay = tokio::spawn(relay(exchange, watched(&calls, near), watched(&calls, far)));
    let serving = tokio::spawn(async move {
        let mut builder = h2::server::Builder::new();
        builder.max_frame_size(1 << 20).header_table_size(64 << 10);
        let mut connection = builder.handshake(runtime).await.unwrap();
        while let Some(Ok((request, respond))) = connection.accept().await {
            tokio::spawn(serve(request, respond));
        }
    });
    let (mut send, connection) = h2::client::handshake(client).await.unwrap();
    let connection = tokio::spawn(connection);
    // More than one frame of headers holds.
    for (method, header) in [("Version", 1), ("Version", 40_000), ("ContainerStatus", 1), ("Status", 1), ("Reset", 1)] {
        call(&mut send, method, message(b""), header).await;
    }
    call(&mut send, "RunPodSandbox", run_pod(), 1).await;
    call(&mut send, "PullImage", Bytes::from_static(b"\x01\0\0\0\0"), 1).await;
    call(&mut send, "GetContainerEvents", message(b""), 1).await;
    drop(send);
    connection.await.unwrap().unwrap();
    let ends = async { (relay.await.unwrap(), serving.await.unwrap()) };
    tokio::time::timeout(Duration::from_secs(30), ends).await.expect("it ends");
    let came = came.lock().unwrap().clone();
    (came, told(&calls))
}

/// What is recorded where this came, in pieces of these sizes.
fn read(came: &[Came], sizes: &[usize]) -> Vec<String> {
    let calls = calls();
    let mut exchange = Http2::new(calls.clone());
    let mut sizes = sizes.iter().copied().cycle();
    for Came { is_answer, bytes } in came {
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            let (piece, after) = rest.split_at(sizes.next().unwrap_or(rest.len()).min(rest.len()));
            rest = after;
            if *is_answer {
                exchange.answered(piece);
            } else {
                assert_eq!(exchange.requested(piece), piece.len());
            }
        }
    }
    exchange.ended();
    let told = told(&calls);
    let is_begun = |line: &&String| line.ends_with("Calling");
    let begun = told.iter().filter(is_begun).map(|line| line.trim_end_matches(" Calling"));
    for name in begun {
        assert!(told.iter().any(|line| line.starts_with(name) && !is_begun(&line)), "{name} is not over: {told:?}");
    }
    told
}

const TOLD: &[&str] = &[
    "Version.1 Calling",
    "Version.1 Answered",
    "Version.2 Calling",
    "Version.2 Answered",
    "ContainerStatus.3 Calling",
    "ContainerStatus.3 Refused NOT_FOUND",
    // Answered without a code.
    "Status.4 Calling",
    "Status.4 Dropped",
    "Reset.5 Calling",
    "Reset.5 Dropped",
    "RunPodSandbox.web.6 Calling",
    "RunPodSandbox.web.6 Answered",
    // It is compressed.
    "PullImage.7 Calling",
    "PullImage.7 Answered",
    "GetContainerEvents.8 Calling",
    "GetContainerEvents.8 Dropped",
    "unread",
];

#[tokio::test]
async fn calls_are_recorded_with_their_answers_however_the_bytes_are_split() {
    let (came, told) = connection().await;
    assert_eq!(told, TOLD);
    for sizes in [&[1][..], &[7, 2], &[9], &[24, 9, 16_393], &[usize::MAX]] {
        assert_eq!(read(&came, sizes), TOLD, "{sizes:?}");
    }
}

#[tokio::test]
async fn nothing_panics_whatever_comes_and_no_call_stays_open() {
    let (came, _) = connection().await;
    let changes = prop::collection::vec((0..came.len(), any::<prop::sample::Index>(), any::<u8>()), 1..4);
    let mut runner = proptest::test_runner::TestRunner::default();
    let run = runner.run(&changes, |changes| {
        let mut came = came.clone();
        for (part, index, byte) in changes {
            if let Some(changed) = came[part].bytes.get_mut(index.index(usize::MAX) % 4_096) {
                *changed = byte;
            }
        }
        prop_assert!(!read(&came, &[usize::MAX]).is_empty());
        Ok(())
    });
    run.unwrap();
}

#[test]
fn what_is_no_http_2_is_a_gap() {
    let asked = |bytes: &[u8]| Came { is_answer: false, bytes: bytes.to_vec() };
    let said = |bytes: &[u8]| Came { is_answer: true, bytes: bytes.to_vec() };
    let request = b"GET / HTTP/1.1\r\n\r\n";
    assert_eq!(read(&[asked(request), said(b"HTTP/1.1 400 no\r\n\r\n")], &[5]), ["unread"]);
    assert_eq!(read(&[asked(b"PRI * HTTP/2.0\r\n\r\nS"), asked(b"N")], &[usize::MAX]), ["unread"]);
    assert_eq!(read(&[asked(b"PRI * HTTP/2.0\r\n")], &[usize::MAX]), [""; 0]);
    // Headers of a stream: POST, http, and a path that is not compressed.
    let path = b"/runtime.v1.RuntimeService/Version";
    let block = [&b"\x83\x86\x04"[..], &[u8::try_from(path.len()).unwrap()], path].concat();
    let length = u8::try_from(block.len()).unwrap();
    let headers = |stream: u8| [&[0, 0, length, 1, 5, 0, 0, 0, stream][..], &block].concat();
    let begin = [asked(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0"), asked(&headers(1))];
    let lost = "its answer could not be read";
    let garbage = [&begin[..], &[said(b"HTTP/1.1 400 no\r\n\r\n"), asked(&headers(3))]].concat();
    let meant =
        ["Version.1 Calling", &format!("Version.1: {lost}"), "Version.2 Calling", &format!("Version.2: {lost}")];
    assert_eq!(read(&garbage, &[usize::MAX]), meant);
    // A request that is answered, or given up, before it was whole may have named anything.
    let path = b"/runtime.v1.RuntimeService/RunPodSandbox";
    let block = [&b"\x83\x86\x04"[..], &[u8::try_from(path.len()).unwrap()], path].concat();
    let length = u8::try_from(block.len()).unwrap();
    let begun = [&[0, 0, length, 1, 4, 0, 0, 0, 1][..], &block, b"\0\0\x06\0\0\0\0\0\x01\0\0\0\0\x09\x0a"].concat();
    let begun = [begin[0].clone(), asked(&begun)];
    assert_eq!(read(&begun, &[usize::MAX]), ["RunPodSandbox.1 Calling", "RunPodSandbox.1 Dropped", "unread"]);
    let refused = said(b"\0\0\x10\x01\x05\0\0\0\x01\x88\0\x0bgrpc-status\x018");
    let meant = ["RunPodSandbox.1 Calling", "RunPodSandbox.1 Refused RESOURCE_EXHAUSTED", "unread"];
    assert_eq!(read(&[&begun[..], &[refused]].concat(), &[usize::MAX]), meant);
    // Its client gives it up. What the runtime answers then contradicts that.
    let given_up = [&begin[..], &[asked(b"\0\0\x04\x03\0\0\0\0\x01\0\0\0\x08")]].concat();
    assert_eq!(read(&given_up, &[usize::MAX]), ["Version.1 Calling", "Version.1 Dropped"]);
    let refused = said(b"\0\0\x10\x01\x05\0\0\0\x01\x88\0\x0bgrpc-status\x018");
    let late = "Version.1: it was answered when its client had given it up";
    let meant = ["Version.1 Calling", "Version.1 Dropped", late];
    assert_eq!(read(&[&given_up[..], &[refused]].concat(), &[usize::MAX]), meant);
    // It is gone when the answer is read.
    let calls = calls();
    let mut exchange = Http2::new(calls.clone());
    begin.iter().for_each(|came| _ = exchange.requested(&came.bytes));
    exchange.left(&said(b"\0\0\x10\x01\x05\0\0\0\x01\x88\0\x0bgrpc-status\x018").bytes);
    exchange.cut();
    assert_eq!(told(&calls), ["Version.1 Calling", late]);
    // The runtime goes away, and says that it did not take the second one.
    let away = [&begin[..], &[asked(&headers(3)), said(b"\0\0\x08\x07\0\0\0\0\0\0\0\0\x01\0\0\0\0")]].concat();
    let answer = said(b"\0\0\x10\x01\x05\0\0\0\x01\x88\0\x0bgrpc-status\x010");
    let meant = ["Version.1 Calling", "Version.2 Calling", "Version.2 Dropped", "Version.1 Answered"];
    assert_eq!(read(&[&away[..], &[answer]].concat(), &[usize::MAX]), meant);
}

#[test]
fn a_late_answer_to_one_of_many_calls_that_were_given_up_is_a_gap() {
    let calls = calls();
    let mut exchange = Http2::new(calls.clone());
    let path = b"/runtime.v1.RuntimeService/Version";
    let block = [&b"\x83\x86\x04"[..], &[u8::try_from(path.len()).unwrap()], path].concat();
    let frame = |what: &[u8], stream: u32, rest: &[u8]| [what, &stream.to_be_bytes(), rest].concat();
    let headers = [&[0, 0, u8::try_from(block.len()).unwrap(), 1, 5][..]].concat();
    exchange.requested(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0");
    let streams: Vec<u32> = (0..1_100).map(|call| 2 * call + 1).collect();
    for stream in &streams {
        exchange.requested(&frame(&headers, *stream, &block));
        exchange.requested(&frame(b"\0\0\x04\x03\0", *stream, b"\0\0\0\x08"));
    }
    assert!(!calls.known().1);
    let refused = |stream: u32| frame(b"\0\0\x10\x01\x05", stream, b"\x88\0\x0bgrpc-status\x018");
    exchange.answered(&refused(streams[500]));
    let (known, is_unread) = calls.known();
    assert_eq!((known.len(), is_unread), (1, false), "it is kept: {known:?}");
    exchange.answered(&refused(streams[0]));
    let (known, is_unread) = calls.known();
    assert_eq!((known.len(), is_unread), (0, true), "it may be any of those that are not");
}
