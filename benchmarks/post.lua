-- POST to `path` of the body `template`, filled in for each request: {{record}} and {{ins}} from one line of the file
-- `targets` drawn at random, {{number}} unique to the request (`run`, thread, count).
dofile("benchmarks/answers.lua")

local targets, pieces
local count = 0

local function split(template)
  local found, from = {}, 1
  for start, name, stop in template:gmatch("(){{(%w+)}}()") do
    table.insert(found, { text = template:sub(from, start - 1), name = name })
    from = stop
  end
  table.insert(found, { text = template:sub(from) })
  return found
end

local function filled(values)
  local parts = {}
  for _, piece in ipairs(pieces) do
    table.insert(parts, piece.text)
    table.insert(parts, piece.name and values[piece.name] or "")
  end
  return table.concat(parts)
end

function init(words)
  read_plan(words)
  token(plan.token)
  wrk.headers["Content-Type"] = plan.type
  targets = lines(plan.targets)
  pieces = split(lines(plan.template)[1])
end

function request()
  count = count + 1
  local record, ins = targets[math.random(#targets)]:match("^(%S+) (%S+)$")
  local body = filled({ record = record, ins = ins, number = plan.run .. "." .. number .. "." .. count })
  return wrk.format("POST", plan.path, nil, body)
end
