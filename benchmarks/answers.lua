-- What both scripts share: every answer is judged, and the count goes out as one line of JSON.
-- plan: key=value words given after `--`.
--   status  the only right status
--   marker  a string that a right body holds, as often as `times` says ("" for no such string)

plan = {}
good = 0
wrong = 0
sample = ""
threads = {}

function setup(thread)
  thread:set("number", #threads + 1)
  table.insert(threads, thread)
end

function read_plan(words)
  for _, word in ipairs(words) do
    local key, value = word:match("^(%w+)=(.*)$")
    plan[key] = value
  end
  plan.status = tonumber(plan.status)
  plan.times = tonumber(plan.times)
  math.randomseed(tonumber(plan.seed) + number)
end

function lines(path)
  local found = {}
  for line in io.lines(path) do
    table.insert(found, line)
  end
  return found
end

function token(path)
  if path ~= "" then
    wrk.headers["Authorization"] = "Bearer " .. lines(path)[1]
  end
end

local function occurrences(text, part)
  local count, from = 0, 1
  while true do
    local first, last = text:find(part, from, true)
    if not first then
      return count
    end
    count = count + 1
    from = last + 1
  end
end

function response(status, headers, body)
  if status == plan.status and (plan.marker == "" or occurrences(body, plan.marker) == plan.times) then
    good = good + 1
  else
    wrong = wrong + 1
    if sample == "" then
      sample = status .. " " .. body:sub(1, 600)
    end
  end
end

local function quoted(text)
  return '"' .. text:gsub('[%c"\\]', " ") .. '"'
end

function done(summary, latency, requests)
  local right, bad, first = 0, 0, ""
  for _, thread in ipairs(threads) do
    right = right + thread:get("good")
    bad = bad + thread:get("wrong")
    first = first == "" and thread:get("sample") or first
  end
  local e = summary.errors
  io.write(string.format(
    'RESULT {"good":%d,"wrong":%d,"broken":%d,"seconds":%.6f,"p50_ms":%.3f,"p99_ms":%.3f,"sample":%s}\n',
    right, bad, e.connect + e.read + e.write + e.timeout, summary.duration / 1e6,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, quoted(first)))
end
