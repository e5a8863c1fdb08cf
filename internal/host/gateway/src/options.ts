export {
  defaultUpstreams,
  parseUpstream,
  storedUpstream,
  type Upstreams,
  type VendorName,
  vendorNames,
} from "./rules/vendors.ts";
