export {
  defaultUpstreams,
  parseUpstream,
  type Upstreams,
  type VendorName,
  vendorNames,
} from "./rules/vendors.ts";
