import { migrations } from "../migrations/index.ts";
import { withOneMore } from "../one-more.fixture.ts";

/** Makes this process one of a later version, which has one more migration. */
export const becomeLater = (): void => void Object.assign(migrations, withOneMore);
