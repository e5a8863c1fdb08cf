export { npmRegistry, type NpmRegistry, type RegistryPackage } from "./npm-registry.ts";
