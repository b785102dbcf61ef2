-- Conditional PATCH of a label: documents drawn from the file `targets` (one `identifier` a line), each time with words
-- of its own, so that every patch makes a new version.
dofile("benchmarks/answers.lua")

local targets
local count = 0

function init(words)
  read_plan(words)
  token(plan.token)
  wrk.headers["Content-Type"] = plan.type
  targets = lines(plan.targets)
end

function request()
  count = count + 1
  local body = plan.body:gsub("NUMBER", plan.run .. "." .. number .. "." .. count)
  return wrk.format("PATCH", plan.path .. targets[math.random(#targets)], nil, body)
end
