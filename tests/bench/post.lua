-- Sends the file BODY to PATH with the key KEY, and says at the end in one line what came of it.
local function read(path)
    local f = assert(io.open(path, "rb"))
    local text = f:read("*a")
    f:close()
    return text
end

wrk.method = "POST"
wrk.path = os.getenv("BENCH_PATH")
wrk.body = read(os.getenv("BENCH_BODY"))
wrk.headers["Content-Type"] = "application/json"
wrk.headers["X-Sentry-Auth"] = os.getenv("BENCH_KEY")
if os.getenv("BENCH_ENCODING") then
    wrk.headers["Content-Encoding"] = os.getenv("BENCH_ENCODING")
end

function done(summary, latency)
    local e = summary.errors
    io.write(string.format(
        'RESULT {"requests":%d,"us":%d,"bad":%d,"broken":%d,"p50":%d,"p99":%d}\n',
        summary.requests, summary.duration, e.status, e.connect + e.read + e.write + e.timeout,
        latency:percentile(50), latency:percentile(99)))
end
