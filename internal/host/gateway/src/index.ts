export { type Gateway, gatewaySocketIn, type GatewayOptions, serveGateway } from "./forward/serve-gateway.ts";
export { defaultUpstreams, type Upstreams } from "./rules/vendors.ts";
export { type KeySource, keySource } from "./secrets/key-source.ts";
export { readCost, type CostPlace, type CostShown } from "./usage/read-cost.ts";
export { limitsToday, type LimitToday } from "./usage/limits-of-today.ts";
export { troubleNotices } from "./usage/notices.ts";
export { vendorTroubles } from "./forward/vendor-troubles.ts";
export { databaseMeter } from "./usage/database-meter.ts";
export {
  type DailyBy,
  usageBy,
  type UsageBy,
  usageByDay,
  usageBySession,
  type UsageSum,
  type Used,
} from "./usage/read-usage-rows.ts";
export { tryVendor, type VendorTrial } from "./forward/try-vendor.ts";
