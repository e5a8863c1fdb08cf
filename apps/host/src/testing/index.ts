export { listFilters, type ListTimes } from "./measure-list.ts";
export { reloadGround, type ReloadGround } from "./reload-ground.ts";
export { sessionsGround, type SessionsGround } from "./sessions-ground.ts";
export { newAddress } from "@gatehouse/control-plane/testing";
export { imported } from "../import/nanoclaw.fixture.ts";
