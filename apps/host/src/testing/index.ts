export { listFilters, type ListTimes } from "./measure-list.ts";
export { reloadFixture, type ReloadFixture } from "./reload-fixture.ts";
export { sessionsFixture, type SessionsFixture } from "./sessions-fixture.ts";
export { newAddress } from "@gatehouse/central-database/testing";
export { imported } from "../import/nanoclaw.fixture.ts";
