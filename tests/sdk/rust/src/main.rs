//! app DSN: what the tests have the crate `sentry` send; see ../../node/app.js.

use std::fmt;
use std::io::BufRead;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sentry::protocol::{Attachment, Breadcrumb, Envelope, MonitorCheckIn, MonitorCheckInStatus, MonitorConfig, MonitorSchedule};
use sentry::{Level, User};

static CRASHING: AtomicBool = AtomicBool::new(false);

#[derive(Debug)]
struct CartError(std::num::ParseIntError);

impl fmt::Display for CartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cannot read the cart")
    }
}

impl std::error::Error for CartError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

fn error() -> Option<sentry::types::Uuid> {
    let cause = "x".parse::<i32>().unwrap_err();
    let scoped = |scope: &mut sentry::Scope| {
        scope.set_level(Some(Level::Fatal));
        scope.set_tag("part", "cart");
    };
    Some(sentry::with_scope(scoped, || sentry::capture_error(&CartError(cause))))
}

fn attachment() -> Option<sentry::types::Uuid> {
    let file = Attachment { buffer: (0..2048).map(|i| i as u8).collect(), filename: "notes.bin".into(), ..Default::default() };
    Some(sentry::with_scope(|scope| scope.add_attachment(file), || sentry::capture_message("with a file", Level::Info)))
}

fn session() -> Option<sentry::types::Uuid> {
    sentry::start_session();
    sentry::end_session();
    None
}

fn check_in() -> Option<sentry::types::Uuid> {
    let mut one = MonitorCheckIn {
        check_in_id: sentry::types::random_uuid(),
        monitor_slug: "nightly".into(),
        status: MonitorCheckInStatus::InProgress,
        environment: Some("testing".into()),
        duration: None,
        monitor_config: Some(MonitorConfig {
            schedule: MonitorSchedule::from_crontab("0 3 * * *").unwrap(),
            checkin_margin: Some(5),
            max_runtime: Some(30),
            timezone: Some("Etc/UTC".into()),
            failure_issue_threshold: None,
            recovery_threshold: None,
        }),
    };
    let client = sentry::Hub::current().client().unwrap();
    client.send_envelope(Envelope::from(one.clone()));
    one.status = MonitorCheckInStatus::Ok;
    one.duration = Some(2.5);
    client.send_envelope(Envelope::from(one));
    None
}

fn flush(seconds: u64) -> bool {
    sentry::Hub::current().client().unwrap().flush(Some(Duration::from_secs(seconds)))
}

fn limited() -> Option<sentry::types::Uuid> {
    for n in 0..28 {
        sentry::capture_message(&format!("limited {n}"), Level::Info);
        flush(2);
        std::thread::sleep(Duration::from_millis(250));
    }
    None
}

/// Does what the SDK's integration does.  That one needs the crates which read debug information, and these take longer to
/// compile than all others together; the feature `panic` has it.
#[cfg(not(feature = "panic"))]
fn report_panics() {
    let next = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        let value = info.payload().downcast_ref::<&str>().map(|text| text.to_string());
        let mechanism = Some(sentry::protocol::Mechanism { ty: "panic".into(), handled: Some(false), ..Default::default() });
        let exception = sentry::protocol::Exception { ty: "panic".into(), value, mechanism, ..Default::default() };
        sentry::capture_event(sentry::protocol::Event {
            level: Level::Fatal,
            exception: vec![exception].into(),
            ..Default::default()
        });
        next(info);
    }));
}

fn main() {
    let dsn = std::env::args().nth(1).unwrap();
    let options = sentry::ClientOptions::new()
        .release("sdk-live@1.0")
        .environment("testing")
        .server_name("box")
        .before_send(|event| {
            if CRASHING.load(Ordering::Relaxed) {
                println!("{{\"step\":\"crash\",\"id\":\"{}\"}}", event.event_id);
            }
            Some(event)
        });
    let _guard = sentry::init((dsn, options));
    #[cfg(not(feature = "panic"))]
    report_panics();
    sentry::configure_scope(|scope| {
        scope.set_tag("runner", "rust");
        scope.set_user(Some(User { id: Some("u-7".into()), email: Some("jane@example.org".into()), ..Default::default() }));
    });
    for (category, message) in [("auth", "login"), ("cart", "added 3")] {
        sentry::add_breadcrumb(Breadcrumb { category: Some(category.into()), message: Some(message.into()), ..Default::default() });
    }
    for line in std::io::stdin().lock().lines() {
        let line = line.unwrap();
        let (step, text) = line.split_once(' ').unwrap_or((&line, ""));
        let id = match step {
            "message" => Some(sentry::capture_message("Disk is 91% full", Level::Warning)),
            "say" => Some(sentry::capture_message(text, Level::Info)),
            "error" => error(),
            "attachment" => attachment(),
            "session" => session(),
            "check-in" => check_in(),
            "limited" => limited(),
            "crash" => {
                CRASHING.store(true, Ordering::Relaxed);
                panic!("nobody catches this");
            }
            _ => {
                println!("{{\"step\":\"{step}\",\"absent\":true}}");
                continue;
            }
        };
        let id = id.map_or("null".into(), |id| format!("\"{id}\""));
        println!("{{\"step\":\"{step}\",\"id\":{id},\"flushed\":{}}}", flush(10));
    }
}
