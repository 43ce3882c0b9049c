import io.sentry.Attachment;
import io.sentry.Breadcrumb;
import io.sentry.CheckIn;
import io.sentry.CheckInStatus;
import io.sentry.MonitorConfig;
import io.sentry.MonitorSchedule;
import io.sentry.Sentry;
import io.sentry.SentryLevel;
import io.sentry.protocol.Feedback;
import io.sentry.protocol.SentryId;
import io.sentry.protocol.User;
import java.io.BufferedReader;
import java.io.InputStreamReader;

/** App DSN: what the tests have io.sentry:sentry send; see ../node/app.js. */
public final class App {
    private static volatile boolean crashing;
    private static SentryId last;

    private static void say(String step, SentryId id) {
        String shown = id == null ? "null" : "\"" + id + "\"";
        // The SDK does not tell whether flush() sent all; the database does.
        System.out.println("{\"step\":\"" + step + "\",\"id\":" + shown + ",\"flushed\":true}");
    }

    private static SentryId error() {
        try {
            try {
                Integer.parseInt("x");
            } catch (NumberFormatException cause) {
                throw new IllegalStateException("cannot read the cart", cause);
            }
        } catch (IllegalStateException e) {
            return Sentry.captureException(e, scope -> {
                scope.setLevel(SentryLevel.FATAL);
                scope.setTag("part", "cart");
            });
        }
        return null;
    }

    private static SentryId attachment() {
        byte[] data = new byte[2048];
        for (int i = 0; i < data.length; i++)
            data[i] = (byte) i;
        return Sentry.captureMessage("with a file", scope -> scope.addAttachment(new Attachment(data, "notes.bin")));
    }

    private static SentryId checkIn() {
        MonitorConfig config = new MonitorConfig(MonitorSchedule.crontab("0 3 * * *"));
        config.setCheckinMargin(5L);
        config.setMaxRuntime(30L);
        config.setTimezone("Etc/UTC");
        CheckIn begun = new CheckIn("nightly", CheckInStatus.IN_PROGRESS);
        begun.setMonitorConfig(config);
        SentryId id = Sentry.captureCheckIn(begun);
        CheckIn done = new CheckIn(id, "nightly", CheckInStatus.OK);
        done.setDuration(2.5);
        done.setMonitorConfig(config);
        Sentry.captureCheckIn(done);
        return null;
    }

    private static SentryId feedback() {
        Feedback feedback = new Feedback("it broke");
        feedback.setName("Jane");
        feedback.setContactEmail("jane@example.org");
        feedback.setAssociatedEventId(last);
        Sentry.feedback().capture(feedback);
        return null;
    }

    private static SentryId session() {
        Sentry.startSession();
        Sentry.endSession();
        return null;
    }

    private static SentryId limited() throws InterruptedException {
        for (int n = 0; n < 28; n++) {
            Sentry.captureMessage("limited " + n, SentryLevel.INFO);
            Sentry.flush(2000);
            Thread.sleep(250);
        }
        return null;
    }

    private static SentryId run(String step, String text) throws InterruptedException {
        switch (step) {
        case "message":
            return last = Sentry.captureMessage("Disk is 91% full", SentryLevel.WARNING);
        case "error":
            return error();
        case "attachment":
            return attachment();
        case "session":
            return session();
        case "check-in":
            return checkIn();
        case "feedback":
            return feedback();
        case "limited":
            return limited();
        case "say":
            return Sentry.captureMessage(text, SentryLevel.INFO);
        default:
            crashing = true;
            throw new IllegalArgumentException("nobody catches this");
        }
    }

    public static void main(String[] args) throws Exception {
        Sentry.init(options -> {
            options.setDsn(args[0]);
            options.setRelease("sdk-live@1.0");
            options.setEnvironment("testing");
            options.setServerName("box");
            options.setEnableAutoSessionTracking(false);
            options.setBeforeSend((event, hint) -> {
                if (crashing)
                    say("crash", event.getEventId());
                return event;
            });
        });
        Sentry.configureScope(scope -> {
            User user = new User();
            user.setId("u-7");
            user.setEmail("jane@example.org");
            scope.setUser(user);
            scope.setTag("runner", "java");
        });
        for (String[] crumb : new String[][] {{"auth", "login"}, {"cart", "added 3"}}) {
            Breadcrumb one = new Breadcrumb(crumb[1]);
            one.setCategory(crumb[0]);
            Sentry.addBreadcrumb(one);
        }
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
        for (String line; (line = in.readLine()) != null;) {
            String[] words = line.split(" ", 2);
            SentryId id = run(words[0], words.length > 1 ? words[1] : "");
            Sentry.flush(10000);
            say(words[0], id);
        }
        Sentry.close();
    }
}
