export { fakeRuntime } from "./fake-runtime.ts";
export type { FakeContainer, FakeRuntime, FakeRuntimeOptions } from "./fake-runtime.ts";
export { runtimeContract } from "./runtime-contract.ts";
export type { ContractCase, ContractProgram, RuntimeSubject } from "./contract-case.ts";
