-- GET of one address after another, drawn at random from the file `targets` (one path a line).
dofile("benchmarks/answers.lua")

local targets

function init(words)
  read_plan(words)
  token(plan.token)
  targets = lines(plan.targets)
end

function request()
  return wrk.format("GET", targets[math.random(#targets)])
end
