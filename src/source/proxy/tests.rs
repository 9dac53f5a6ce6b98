use super::super::clock::Clock;
use super::accept::{Accepting, Protocol};
use super::calls::{Call, Calls, OneCall, Taken};
use super::relay::Exchange;
use jiff::Timestamp;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::net::sockopt::{set_socket_send_buffer_size, socket_send_buffer_size};
use serde::Serialize;
use std::collections::VecDeque;
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

/// Letters: a capital is a call, and the next small one its answer. After `U`, nothing passes before it is answered, and `?`
/// cannot be read. Other bytes say nothing.
struct Letters;

#[derive(Clone, Debug, Serialize)]
struct Letter {
    letter: char,
    is_over: bool,
}

impl Call for Letter {
    fn name(&self) -> String {
        self.letter.into()
    }

    fn is_over(&self) -> bool {
        self.is_over
    }

    fn cut(&mut self) {
        self.is_over = true;
    }
}

struct Passing(Calls<Letter>, VecDeque<OneCall<Letter>>);

impl Passing {
    fn answer(&mut self, bytes: &[u8], answer: impl Fn(&mut OneCall<Letter>)) {
        for _ in bytes.iter().filter(|byte| byte.is_ascii_lowercase()) {
            answer(&mut self.1.pop_front().unwrap());
        }
    }
}

impl Exchange for Passing {
    fn requested(&mut self, bytes: &[u8]) -> usize {
        for (index, letter) in bytes.iter().enumerate() {
            if self.is_waiting() {
                return index;
            }
            match letter {
                b'?' => self.0.unread(),
                letter if letter.is_ascii_uppercase() => {
                    let letter = char::from(*letter);
                    if letter == 'W' {
                        WAIT.lock().unwrap().as_mut().unwrap().wait();
                    }
                    let mut call = self.0.begin(Letter { letter, is_over: false });
                    call.say();
                    self.1.push_back(call);
                }
                _ => {}
            }
        }
        bytes.len()
    }

    fn is_waiting(&self) -> bool {
        self.1.back().is_some_and(|call| call.call().letter == 'U')
    }

    fn answered(&mut self, bytes: &[u8]) {
        self.answer(bytes, |call| {
            call.call_mut().is_over = true;
            call.say();
        });
    }

    fn ended(&mut self) {
        self.cut();
    }

    fn asked_all(&mut self) {}

    fn left(&mut self, bytes: &[u8]) {
        self.answer(bytes, |call| call.lose("late"));
    }

    fn cut(&mut self) {
        self.1.clear();
    }
}

impl Protocol for Letters {
    type Call = Letter;
    const UNREAD: &'static str = "never";

    fn exchange(calls: Calls<Letter>) -> impl Exchange {
        Passing(calls, VecDeque::new())
    }
}

/// What a call of `W` waits for, in the thread in which calls pass.
static WAIT: Mutex<Option<Wait>> = Mutex::new(None);

struct Wait {
    begun: Sender<()>,
    go_on: Receiver<()>,
}

impl Wait {
    fn wait(&mut self) {
        self.begun.send(()).unwrap();
        self.go_on.recv().unwrap();
    }
}

/// A proxy in front of a service.
struct Proxy {
    folder: TempDir,
    service: UnixListener,
    calls: Calls<Letter>,
    clock: Clock,
    ending: CancellationToken,
    accepting: Accepting,
    runtime: tokio::runtime::Runtime,
}

/// What was seen of a call: since when, and when.
#[derive(Debug)]
struct Interval {
    since: Timestamp,
    at: Timestamp,
}

impl Proxy {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let service = UnixListener::bind(folder.path().join("service")).unwrap();
        let (clock, ending) = (Clock::start(Duration::ZERO), CancellationToken::new());
        let calls = Calls::after(0, clock.clone()).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let entered = runtime.enter();
        let listener = tokio::net::UnixListener::bind(folder.path().join("proxy")).unwrap();
        let at = (listener, folder.path().join("service"));
        let accepting = Accepting::start::<Letters>(at, calls.clone(), ending.clone()).unwrap();
        drop(entered);
        Self { folder, service, calls, clock, ending, accepting, runtime }
    }

    fn now(&self) -> Timestamp {
        self.clock.now().at
    }

    fn connect(&self) -> UnixStream {
        UnixStream::connect(self.folder.path().join("proxy")).unwrap()
    }

    /// A client, and its connection at the service.
    fn connected(&self) -> (UnixStream, UnixStream) {
        let client = self.connect();
        (client, self.service.accept().unwrap().0)
    }

    /// The next that was seen, in its order.
    fn seen(&self, count: usize) -> Vec<Interval> {
        let mut all = Vec::new();
        while all.len() < count {
            let Taken { seen, .. } = self.calls.take();
            all.extend(seen.into_iter().map(|seen| {
                let since = seen.since.unwrap().max(seen.not_before);
                Interval { since, at: seen.stamp.at }
            }));
            std::thread::yield_now();
        }
        all
    }

    /// Waits until everything up to a moment was said.
    fn said(&self, moment: Timestamp) -> Vec<Interval> {
        let mut all = Vec::new();
        loop {
            let Taken { seen, until, .. } = self.calls.take();
            all.extend(seen.into_iter().map(|seen| Interval { since: seen.since.unwrap(), at: seen.stamp.at }));
            if until >= moment {
                return all;
            }
            std::thread::yield_now();
        }
    }
}

fn read(from: &mut UnixStream, length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    from.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    from.read_exact(&mut bytes).unwrap();
    bytes
}

/// A call, and its answer.
fn call(client: &mut UnixStream, service: &mut UnixStream) {
    client.write_all(b"B").unwrap();
    read(service, 1);
    service.write_all(b"b").unwrap();
    read(client, 1);
}

/// Sends as much as there is room for to a client that does not read, and an answer after it, and returns how much.
fn send_much_and_an_answer(service: &mut UnixStream) -> usize {
    let (mut sent, mut is_full) = (0, false);
    service.set_nonblocking(true).unwrap();
    loop {
        match service.write(&[b'.'; 4_096]) {
            Ok(length) => (sent, is_full) = (sent + length, false),
            Err(error) if error.kind() == ErrorKind::WouldBlock && !is_full => {
                let room = &mut [PollFd::new(&*service, PollFlags::OUT)];
                poll(room, Some(&Timespec { tv_sec: 0, tv_nsec: 200_000_000 })).unwrap();
                is_full = true;
            }
            Err(_) => break,
        }
    }
    let room = socket_send_buffer_size(&*service).unwrap();
    set_socket_send_buffer_size(&*service, room).unwrap();
    service.write_all(b"a").expect("there is more room now: the kernel doubles it");
    sent
}

#[test]
fn an_answer_that_waited_for_its_client_may_be_as_old_as_it_is() {
    let proxy = Proxy::start();
    let (mut client, mut service) = proxy.connected();
    client.write_all(b"A").unwrap();
    read(&mut service, 1);
    let called = proxy.seen(1).remove(0);
    assert!(called.since <= called.at && called.at <= proxy.now(), "{called:?}");
    let unread = send_much_and_an_answer(&mut service);
    let answered_at = proxy.now();
    // Others pass meanwhile, and their times are known.
    let (mut other, mut other_service) = proxy.connected();
    for _ in 0..10 {
        let before = proxy.now();
        call(&mut other, &mut other_service);
        let [asked, answered] = proxy.seen(2).try_into().unwrap();
        assert!(asked.at <= answered.at && answered.since >= before, "{asked:?} {answered:?} since {before}");
    }
    assert!(proxy.calls.take().until <= answered_at, "an answer waits");
    read(&mut client, unread + 1);
    let answered = proxy.seen(1).remove(0);
    assert!(called.since <= answered.since && answered.since <= answered_at, "{answered:?}, and it was {answered_at}");
    assert!(answered.at >= answered_at);
    assert!(proxy.said(proxy.now()).is_empty());
}

#[test]
fn what_waited_while_nothing_passed_may_be_as_old_as_that() {
    let proxy = Proxy::start();
    let (mut client, mut service) = proxy.connected();
    client.write_all(b"A").unwrap();
    read(&mut service, 1);
    let (mut waited, _service) = proxy.connected();
    proxy.said(proxy.now());
    let ((begun, has_begun), (go_on, gone_on)) = (channel(), channel());
    *WAIT.lock().unwrap() = Some(Wait { begun, go_on: gone_on });
    let before = proxy.now();
    waited.write_all(b"W").unwrap();
    has_begun.recv_timeout(Duration::from_secs(30)).unwrap();
    service.write_all(b"a").unwrap();
    let mut third = proxy.connect();
    third.write_all(b"C").unwrap();
    let (done, until) = (proxy.now(), proxy.calls.take().until);
    assert!(until <= done, "{until}");
    go_on.send(()).unwrap();
    let later = proxy.now();
    let mut seen = proxy.seen(3);
    seen.sort_by_key(|seen| seen.since);
    for interval in &seen[..] {
        assert!(interval.since <= done && interval.at >= done, "{interval:?} for {before} to {done}");
    }
    assert!(seen[0].since >= before - Duration::from_secs(1) && later >= done);
}

#[test]
fn a_call_begins_after_the_answer_that_its_client_waited_for() {
    let proxy = Proxy::start();
    let (mut client, mut service) = proxy.connected();
    for _ in 0..100 {
        call(&mut client, &mut service);
    }
    let seen = proxy.seen(200);
    for (one, next) in seen.iter().zip(&seen[1..]) {
        assert!(one.at <= next.since && next.since <= next.at, "{one:?}, then {next:?}");
    }
}

/// Where others use the machine, the proxy may not look for as long as half of it takes.
#[test]
fn a_client_that_always_sends_does_not_make_its_calls_old() {
    let tries = (0..10).map(|_| always_sent());
    let old: Vec<String> = tries.map_while(Result::err).collect();
    assert!(old.len() < 10, "{old:#?}");
}

/// # Errors
/// The call is older than the first half of what was sent before it.
fn always_sent() -> Result<(), String> {
    let proxy = Proxy::start();
    let (mut client, mut service) = proxy.connected();
    let mut reader = service.try_clone().unwrap();
    let draining = std::thread::spawn(move || std::io::copy(&mut reader, &mut std::io::sink()).unwrap());
    let (mut middle, many) = (proxy.now(), vec![b'.'; 64 << 10]);
    for turn in 0..2_000 {
        if turn == 1_000 {
            middle = proxy.now();
        }
        client.write_all(&many).unwrap();
    }
    client.write_all(b"A").unwrap();
    let asked = proxy.seen(1).remove(0);
    service.write_all(b"a").unwrap();
    read(&mut client, 1);
    drop(client);
    assert_eq!(draining.join().unwrap(), 2_000 * many.len() as u64 + 1);
    if asked.since > middle { Ok(()) } else { Err(format!("{asked:?}, and half of it was sent by {middle}")) }
}

#[test]
fn what_waits_for_an_answer_may_be_as_old_as_it_is() {
    let proxy = Proxy::start();
    let (mut client, mut service) = proxy.connected();
    client.write_all(b"UA").unwrap();
    let asked_at = proxy.now();
    assert_eq!(read(&mut service, 1), b"U");
    let (mut other, mut other_service) = proxy.connected();
    for _ in 0..10 {
        call(&mut other, &mut other_service);
    }
    proxy.seen(21);
    assert!(proxy.calls.take().until <= asked_at);
    service.write_all(b"u").unwrap();
    assert_eq!(read(&mut service, 1), b"A");
    let [_, asked] = proxy.seen(2).try_into().unwrap();
    assert!(asked.since <= asked_at && asked.at >= asked_at, "{asked:?}, asked at {asked_at}");
    proxy.said(proxy.now());
}

#[test]
fn a_client_that_sends_no_more_and_then_goes_drops_its_calls_when_it_goes() {
    let proxy = Proxy::start();
    let (mut client, mut service) = proxy.connected();
    client.write_all(b"A").unwrap();
    client.shutdown(std::net::Shutdown::Write).unwrap();
    read(&mut service, 1);
    assert_eq!(service.read(&mut [0]).unwrap(), 0);
    proxy.seen(1);
    assert!(proxy.said(proxy.now()).is_empty(), "it waits for its answer");
    let before = proxy.now();
    drop(client);
    let after = proxy.now();
    let dropped = proxy.seen(1).remove(0);
    assert!(dropped.since <= after && dropped.at >= before, "{dropped:?} for {before} to {after}");
}

#[test]
fn whether_a_client_was_gone_before_an_answer_that_waited_is_not_known() {
    let proxy = Proxy::start();
    let (mut client, mut service) = proxy.connected();
    client.write_all(b"A").unwrap();
    read(&mut service, 1);
    proxy.seen(1);
    send_much_and_an_answer(&mut service);
    drop(client);
    let mut known = Vec::new();
    while known.is_empty() {
        known.extend(proxy.calls.take().seen.into_iter().map(|seen| seen.known.map(|call| call.is_over)));
        std::thread::yield_now();
    }
    assert_eq!(known, [Err("late")]);
}

#[test]
fn what_cannot_be_read_came_after_what_is_said_to_be_all_before_it() {
    let proxy = Proxy::start();
    let (mut client, mut service) = proxy.connected();
    let (mut other, mut other_service) = proxy.connected();
    client.write_all(b"?").unwrap();
    let unread_at = proxy.now();
    assert_eq!(read(&mut service, 1), b"?");
    for _ in 0..20 {
        call(&mut other, &mut other_service);
    }
    let Taken { seen, is_unread, .. } = proxy.calls.take();
    assert!(is_unread && seen.len() == 40 && seen.iter().all(|seen| seen.not_before <= unread_at), "{seen:?}");
    proxy.said(proxy.now());
}

#[test]
fn at_the_end_calls_stay_as_they_are_and_what_waited_is_missing() {
    for waits in [false, true] {
        let mut proxy = Proxy::start();
        let (mut client, mut service) = proxy.connected();
        client.write_all(b"A").unwrap();
        read(&mut service, 1);
        if waits {
            send_much_and_an_answer(&mut service);
        }
        proxy.ending.cancel();
        proxy.runtime.block_on(proxy.accepting.ended());
        let Taken { seen, .. } = proxy.calls.take();
        assert_eq!(seen.iter().map(|seen| seen.known.as_ref().unwrap().is_over).collect::<Vec<_>>(), [false]);
        assert_eq!(proxy.calls.has_read_up(), !waits);
        let mut rest = Vec::new();
        client.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        client.read_to_end(&mut rest).unwrap();
        assert!(!rest.contains(&b'a'), "it did not pass");
    }
}
