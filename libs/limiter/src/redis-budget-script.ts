// SPDX-License-Identifier: Apache-2.0
import {
  ARRIVAL_JITTER_MS,
  BURST_TOLERANCE_MS,
  CAREFUL_DECREASE_FACTOR,
  CAREFUL_GROWTH,
  DECREASE_EPOCH_MS,
  DECREASE_FACTOR,
  FAST_GROWTH,
  FREE_RUN_MS,
  HARSH_DECREASE_FACTOR,
  LEAST_LEARNT_RATE,
  LOWEST_SHARE,
  MAX_PAUSE_MS,
  NEAR_REFUSAL,
  QUIET_BEFORE_INCREASE_MS,
  RELEASE_MULTIPLE,
  ROUNDING_MS,
} from './defaults.ts';

/** How long a process counts as using a budget after it last asked. */
const PROCESS_LIFE_MS = 60_000;
const LEAST_STATE_LIFE_MS = 600_000;

/**
 * The arithmetic of `host-state.ts` in Lua, for the clock of the server: take, refuse, giveBack. Both must give the same; a test
 * runs them side by side. Times count from `EPOCH`, for JSON in Lua keeps 14 digits. KEYS: state, processes. ARGV: what is asked
 * (JSON), who asks, the time for tests or ''.
 */
export const BUDGET_SCRIPT = `
local EPOCH_S, LONG_AGO = 1700000000, -1e15
local ask, me = cjson.decode(ARGV[1]), ARGV[2]
local now = tonumber(ARGV[3])
if now == nil then
  local time = redis.call('TIME')
  now = (tonumber(time[1]) - EPOCH_S) * 1000 + tonumber(time[2]) / 1000
end
local raw = redis.call('GET', KEYS[1])
local st = raw and cjson.decode(raw) or {
  nb = LONG_AGO, last = now, tats = {}, windows = {}, seen = {start = LONG_AGO, count = 0, before = 0},
  pace = {factor = 1, learnt = 0, refused = 0, refusal = LONG_AGO, decrease = LONG_AGO, increase = LONG_AGO}
}
local pace, seen = st.pace, st.seen

-- A server whose clock was set back: nothing is as far away as it seems.
if now < st.last then
  local shift = now - st.last
  st.nb = st.nb + shift
  seen.start = seen.start + shift
  pace.refusal, pace.decrease, pace.increase = pace.refusal + shift, pace.decrease + shift, pace.increase + shift
  for id, tat in pairs(st.tats) do st.tats[id] = tat + shift end
  for _, parts in pairs(st.windows) do
    for _, part in ipairs(parts) do part[1] = part[1] + shift; part[2] = part[2] + shift end
  end
end
st.last = now

local function ceiling()
  if ask.perSecond > 0 then return ask.perSecond end
  return pace.learnt
end
local function rate()
  return ceiling() * pace.factor
end
local function slot(perSecond)
  return (1000 + ${ARRIVAL_JITTER_MS} + ${BURST_TOLERANCE_MS}) / perSecond
end
local function counts(quota, action)
  if quota.all then return true end
  for _, each in ipairs(quota.actions) do if each == action then return true end end
  return false
end
local function window(quota)
  local parts = st.windows[quota.id]
  if parts == nil then parts = {}; st.windows[quota.id] = parts end
  return parts
end
local function life(quota) return quota.windowMs + ${ARRIVAL_JITTER_MS} end
local function used(parts)
  local sum = 0
  for _, part in ipairs(parts) do sum = sum + part[3] end
  return sum
end
local function isPaced(quota) return quota.windowMs <= 1000 end

local function recover()
  local top = ceiling()
  if top == 0 or (ask.perSecond > 0 and pace.factor >= 1) then return end
  local from = math.max(pace.refusal + ${QUIET_BEFORE_INCREASE_MS}, pace.increase)
  if now <= from then return end
  pace.increase = now
  local current = rate()
  local near = current * ${NEAR_REFUSAL} >= pace.refused and current <= pace.refused * ${NEAR_REFUSAL}
  local seconds = math.min(now - from, 1000) / 1000
  local grown = current + pace.refused * (near and ${CAREFUL_GROWTH} or ${FAST_GROWTH}) * seconds
  pace.factor = grown / top
  if ask.perSecond > 0 then
    pace.factor = math.min(1, pace.factor)
  elseif grown >= top * ${RELEASE_MULTIPLE} then
    st.pace = {factor = 1, learnt = 0, refused = 0, refusal = LONG_AGO, decrease = LONG_AGO, increase = LONG_AGO}
    pace = st.pace
  end
end

local function expire(quota)
  local parts, gone = window(quota), 0
  while parts[gone + 1] and parts[gone + 1][2] + life(quota) <= now do gone = gone + 1 end
  if gone > 0 then
    local left = {}
    for index = gone + 1, #parts do left[#left + 1] = parts[index] end
    st.windows[quota.id] = left
  end
end

local function windowReady(quota)
  local parts = window(quota)
  local excess = used(parts) + 1 - quota.requests
  if excess <= 0 then return LONG_AGO end
  for _, part in ipairs(parts) do
    excess = excess - part[3]
    if excess <= 0 then return part[2] + life(quota) end
  end
  return now + quota.windowMs
end

local function ready(action)
  local at = st.nb
  if rate() > 0 then at = math.max(at, (st.tats[''] or LONG_AGO) - ${BURST_TOLERANCE_MS}) end
  for _, quota in ipairs(ask.quotas) do
    if counts(quota, action) then
      if isPaced(quota) then at = math.max(at, (st.tats[quota.id] or LONG_AGO) - ${BURST_TOLERANCE_MS})
      else at = math.max(at, windowReady(quota)) end
    end
  end
  return at
end

local function see(count)
  if now - seen.start >= 1000 then
    seen.before = now - seen.start < 2000 and seen.count or 0
    seen.start, seen.count = now, 0
  end
  seen.count = seen.count + count
end

local function note(action, count)
  see(count)
  local function taken(id, perSecond)
    st.tats[id] = math.max(st.tats[id] or LONG_AGO, now) + count * slot(perSecond)
  end
  if rate() > 0 then taken('', rate()) end
  for _, quota in ipairs(ask.quotas) do
    if counts(quota, action) then
      if isPaced(quota) then
        taken(quota.id, quota.requests * 1000 / quota.windowMs)
      else
        local parts = window(quota)
        local newest = parts[#parts]
        if newest and now < newest[1] + quota.windowMs / 60 then
          newest[2], newest[3] = math.max(newest[2], now), newest[3] + count
        else
          parts[#parts + 1] = {now, now, count}
        end
      end
    end
  end
end

local function take()
  recover()
  for _, quota in ipairs(ask.quotas) do if not isPaced(quota) then expire(quota) end end
  for action, count in pairs(ask.spent) do note(action, count) end
  local granted, waits, sums = {}, {}, {}
  for _, action in ipairs(ask.wanted) do
    if waits[action] == nil then
      local wait = ready(action) - now
      if wait > ${ROUNDING_MS} then waits[action] = wait else note(action, 1); granted[#granted + 1] = action end
    end
  end
  for _, quota in ipairs(ask.quotas) do if not isPaced(quota) then sums[quota.id] = used(window(quota)) end end
  local free = rate() == 0 and #ask.quotas == 0 and st.nb <= now
  redis.call('ZADD', KEYS[2], now, me)
  redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now - ${PROCESS_LIFE_MS})
  redis.call('PEXPIRE', KEYS[2], ${PROCESS_LIFE_MS})
  return {
    granted = granted, waits = waits, used = sums, freeForMs = free and ${FREE_RUN_MS} or 0,
    mark = st.tats[''] or LONG_AGO, processes = redis.call('ZCARD', KEYS[2])
  }
end

local function decrease()
  pace.refusal, pace.increase = now, now
  local since = now - pace.decrease
  if since < ${DECREASE_EPOCH_MS} then return end
  pace.decrease = now
  if ask.perSecond == 0 and pace.learnt == 0 then
    local observed = now - seen.start >= 2000 and 1 or math.max(seen.before, seen.count)
    pace.learnt = math.max(${LEAST_LEARNT_RATE}, observed)
  end
  local current = rate()
  local near = pace.refused > 0 and current <= pace.refused * ${NEAR_REFUSAL} and current * ${NEAR_REFUSAL} >= pace.refused
  local factor = near and ${CAREFUL_DECREASE_FACTOR} or ${DECREASE_FACTOR}
  if since < ${QUIET_BEFORE_INCREASE_MS + DECREASE_EPOCH_MS} then factor = ${HARSH_DECREASE_FACTOR} end
  pace.factor = math.max(pace.factor * factor, ${LOWEST_SHARE})
  pace.refused = current
end

local function refuse()
  if ask.pauseMs then st.nb = math.max(st.nb, now + math.min(math.max(ask.pauseMs, 0), ${MAX_PAUSE_MS})) end
  if ask.slows then decrease() end
  return {}
end

local function giveBack()
  local isLast = rate() > 0 and st.tats[''] == ask.mark
  for _, action in ipairs(ask.actions) do
    if isLast then st.tats[''] = st.tats[''] - slot(rate()) end
    for _, quota in ipairs(ask.quotas) do
      local parts = st.windows[quota.id]
      if parts and #parts > 0 and counts(quota, action) then
        parts[#parts][3] = math.max(0, parts[#parts][3] - 1)
      end
    end
  end
  return {}
end

local answer = ({take = take, refuse = refuse, giveBack = giveBack})[ask.op]()
local lifeMs = ${LEAST_STATE_LIFE_MS}
for _, quota in ipairs(ask.quotas) do lifeMs = math.max(lifeMs, 2 * quota.windowMs) end
redis.call('SET', KEYS[1], cjson.encode(st), 'PX', math.ceil(lifeMs))
return cjson.encode(answer)
`;
