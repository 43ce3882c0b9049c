import ch.qos.logback.classic.LoggerContext;
import io.sentry.Sentry;
import io.sentry.SentryOptions;
import io.sentry.logback.SentryAppender;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/** App DSN: what the tests have Sentry's appender for Logback send: a breadcrumb, a message and an error with its cause. */
public final class App {
    public static void main(String[] args) {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        SentryOptions options = new SentryOptions();
        options.setDsn(args[0]);
        options.setRelease("sdk-live@1.0");
        options.setEnvironment("testing");
        options.setServerName("box");
        options.addContextTag("runner");
        options.setBeforeSend((event, hint) -> {
            System.out.println(event.getEventId());
            return event;
        });
        SentryAppender appender = new SentryAppender();
        appender.setContext(context);
        appender.setOptions(options);
        appender.start();
        context.getLogger(Logger.ROOT_LOGGER_NAME).addAppender(appender);
        MDC.put("runner", "logback");
        Logger log = LoggerFactory.getLogger("shop.cart");
        log.info("added {}", 3);
        log.error("Disk is {}% full", 91);
        log.error("checkout failed", new IllegalStateException("cannot read the cart", new RuntimeException("bad")));
        Sentry.flush(10000);
        Sentry.close();
    }
}
