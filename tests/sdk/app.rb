# app.rb DSN MODE: what the tests have Debian's sentry-ruby send; see app.js.
require "json"
require "logger"
require "stringio"
require "sentry-ruby"

dsn, mode = ARGV
$stdout.sync = true
$log = StringIO.new

def said(name, event)
  puts JSON.generate(name: name, id: event.event_id)
end

Sentry.init do |config|
  config.dsn = dsn
  config.release = "sdk-test@1.0"
  config.environment = "testing"
  config.server_name = "box"
  config.background_worker_threads = 0
  config.logger = Logger.new($log)
  config.breadcrumbs_logger = []
end
Sentry.set_tags(runner: "ruby")

case mode
when "main"
  Sentry.set_user(id: "u-7", email: "jane@example.org")
  Sentry.add_breadcrumb(Sentry::Breadcrumb.new(category: "auth", message: "login", level: "info"))
  Sentry.add_breadcrumb(Sentry::Breadcrumb.new(category: "cart", message: "added 3"))
  said "message", Sentry.capture_message("Disk is 91% full", level: "warning")
  begin
    begin
      Integer("x")
    rescue ArgumentError
      raise TypeError, "cannot read the cart"
    end
  rescue TypeError => e
    said "error", Sentry.capture_exception(e, level: "fatal", tags: { part: "cart" })
  end
  abort $log.string if $log.string =~ /ERROR|failed/i
when "crash"
  begin
    raise IOError, "nobody catches this"
  rescue IOError => e
    said "crash", Sentry.capture_exception(e)
    raise
  end
when "limited"
  40.times do |n|
    event = Sentry.capture_message("limited #{n}")
    said "limited", event if event
    sleep 0.25
  end
end
