export { fakeEngine } from "../local/fake-engine.fixture.ts";
export { npmRegistry, type NpmRegistry, type RegistryPackage } from "./npm-registry.ts";
