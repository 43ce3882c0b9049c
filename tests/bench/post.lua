-- Sends the file BODY to PATH with the key KEY, and says at the end in one line what came of it.
local function read(path)
    local f = assert(io.open(path, "rb"))
    local text = f:read("*a")
    f:close()
    return text
end

wrk.method = os.getenv("BENCH_METHOD") or "POST"
wrk.path = os.getenv("BENCH_PATH")
wrk.body = read(os.getenv("BENCH_BODY"))
wrk.headers["Content-Type"] = "application/json"
wrk.headers["X-Sentry-Auth"] = os.getenv("BENCH_KEY")
if os.getenv("BENCH_ENCODING") then
    wrk.headers["Content-Encoding"] = os.getenv("BENCH_ENCODING")
end

-- Of BENCH_VARIANTS different events each has its number instead of "0000".
local variants = tonumber(os.getenv("BENCH_VARIANTS") or "0")
if variants > 0 then
    local requests, n = {}, 0
    function init()
        for i = 1, variants do
            requests[i] = wrk.format(nil, nil, nil, (wrk.body:gsub("0000", string.format("%04d", i % 10000))))
        end
    end
    function request()
        n = n % variants + 1
        return requests[n]
    end
end

function done(summary, latency)
    local e = summary.errors
    io.write(string.format(
        'RESULT {"requests":%d,"us":%d,"bad":%d,"broken":%d,"p50":%d,"p99":%d}\n',
        summary.requests, summary.duration, e.status, e.connect + e.read + e.write + e.timeout,
        latency:percentile(50), latency:percentile(99)))
end
