-- A flood: reads, searches and creates (60, 30 and 10 in a hundred), each connection one every `pause` milliseconds.
-- Answers of 503 are counted apart: they are what a server that has enough to do says at once.
dofile("benchmarks/post.lua")

local post, from_plan = request, init
local reads, searches, reader
full, pause = 0, 0

function init(words)
  from_plan(words)
  reads, searches = lines(plan.reads), lines(plan.searches)
  pause = tonumber(plan.pause)
  reader = { Authorization = "Bearer " .. lines(plan.reader)[1] }
end

function delay()
  return pause
end

function request()
  local draw = math.random()
  if draw < 0.1 then
    return post()
  end
  local among = draw < 0.7 and reads or searches
  return wrk.format("GET", among[math.random(#among)], reader)
end

function response(status)
  if status == 200 or status == 201 then
    good = good + 1
  elseif status == 503 then
    full = full + 1
  else
    wrong = wrong + 1
  end
end

function done(summary, latency, requests)
  local right, bad, turned_away = 0, 0, 0
  for _, thread in ipairs(threads) do
    right = right + thread:get("good")
    bad = bad + thread:get("wrong")
    turned_away = turned_away + thread:get("full")
  end
  local e = summary.errors
  io.write(string.format('RESULT {"good":%d,"full":%d,"wrong":%d,"broken":%d,"seconds":%.6f}\n',
    right, turned_away, bad, e.connect + e.read + e.write + e.timeout, summary.duration / 1e6))
end
