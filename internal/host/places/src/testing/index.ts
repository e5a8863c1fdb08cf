export { fakeEngine } from "../local/fake-engine.fixture.ts";
export { npmRegistry, type NpmRegistry, type RegistryPackage } from "./npm-registry.ts";
export { placeOfRuntime, type RuntimePlaceOptions } from "./place-of-runtime.ts";
export type { AgentSandbox } from "../local/programs.ts";
