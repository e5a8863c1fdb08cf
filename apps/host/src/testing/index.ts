export { listFilters, type ListTimes } from "./measure-list.ts";
export { reloadGround, type ReloadGround } from "./reload-ground.ts";
export { sessionsGround, type SessionsGround } from "./sessions-ground.ts";
export { imported } from "../import/nanoclaw.fixture.ts";
