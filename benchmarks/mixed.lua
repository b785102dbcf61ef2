-- 60 reads, 25 searches, 10 creates, 5 transactions in a hundred, in the order of the draw. Readers and writers have
-- tokens of their own. Answers are judged by status alone: the other loads judge the bodies.
dofile("benchmarks/answers.lua")

local kinds = {}
local count = 0

local function body_of(path)
  return path ~= "" and lines(path)[1] or nil
end

function init(words)
  read_plan(words)
  plan.marker = ""
  for _, name in ipairs({ "read", "search", "create", "transaction" }) do
    kinds[name] = {
      targets = lines(plan[name]),
      body = body_of(plan[name .. "body"] or ""),
      token = "Bearer " .. lines(plan[name .. "token"])[1],
    }
  end
end

local function drawn()
  local draw = math.random(100)
  return draw <= 60 and "read" or draw <= 85 and "search" or draw <= 95 and "create" or "transaction"
end

local function filled(text, record, ins)
  local values = { record = record, ins = ins, number = plan.run .. "." .. number .. "." .. count }
  return (text:gsub("{{(%w+)}}", values))
end

function request()
  count = count + 1
  local name = drawn()
  local kind = kinds[name]
  local target = kind.targets[math.random(#kind.targets)]
  local headers = { ["Authorization"] = kind.token }
  if not kind.body then
    return wrk.format("GET", target, headers)
  end
  headers["Content-Type"] = plan.type
  local record, ins = target:match("^(%S+) (%S+)$")
  local path = name == "create" and "/fhir/DocumentReference" or "/fhir"
  return wrk.format("POST", path, headers, filled(kind.body, record, ins))
end

local judge = response
function response(status, headers, body)
  judge((status == 200 or status == 201) and plan.status or status, headers, body)
end
