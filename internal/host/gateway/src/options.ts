export { defaultUpstreams, parseUpstream, type Upstreams } from "./rules/upstream.ts";
export { vendorNames, type VendorName } from "./rules/vendors.ts";
