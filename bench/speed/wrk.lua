-- Goes through a file of paths, each once a pass: wrk -s wrk.lua URL -- FILE PASSES CONNECTIONS (one thread of wrk).
-- Prints: seconds, requests completed, requests that failed. Answers are not parsed, so that wrk leaves the processor
-- to the server.

local ffi = require("ffi")
ffi.cdef [[
  typedef struct { long seconds; long nanoseconds; } moment;
  int clock_gettime(int clock, moment *now);
  int getpid(void);
  int kill(int process, int signal);
]]
local MONOTONIC, INTERRUPT = 1, 2

local threads = {}
local requests = {}
local sent, last, began = -1, 0, 0 -- wrk first takes a request that it does not send, to see whether it is valid
elapsed = 0 -- global, so that `done` can read it

local function now()
  local moment = ffi.new("moment")
  ffi.C.clock_gettime(MONOTONIC, moment)
  return tonumber(moment.seconds) + tonumber(moment.nanoseconds) / 1e9
end

function setup(thread)
  table.insert(threads, thread)
end

function init(arguments)
  local paths = {}
  for path in io.lines(arguments[1]) do
    table.insert(paths, wrk.format("GET", path))
  end
  for _ = 1, tonumber(arguments[2]) do
    for _, request in ipairs(paths) do
      table.insert(requests, request)
    end
  end
  -- A connection asks for a request when it has its answer: at this one, all of `requests` are answered.
  last = #requests + tonumber(arguments[3])
end

function request()
  sent = sent + 1
  if sent == 1 then
    began = now()
  elseif sent == last then
    elapsed = now() - began
    ffi.C.kill(ffi.C.getpid(), INTERRUPT) -- ends wrk before its duration
  end
  return requests[math.max(1, math.min(sent, #requests))]
end

function done(summary)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  print(string.format("%.6f %d %d", threads[1]:get("elapsed"), summary.requests, failed))
end
