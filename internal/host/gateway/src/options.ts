export { isModelPath } from "./rules/routes.ts";
export {
  defaultUpstreams,
  parseUpstream,
  storedUpstream,
  type Upstreams,
  type VendorName,
  vendorNames,
} from "./rules/vendors.ts";
