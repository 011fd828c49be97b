/** Somebody whom an issuer sent back. */
export interface IssuedPerson {
  name: string;
  issuer: string;
  /** The issuer's own name for the person, which never becomes another's. */
  subject: string;
  /** Only where the issuer says that it is theirs. */
  email?: string;
}

/** Why somebody who came back is not let in, as the page `/sign-in?problem=...` is told. */
export type TurnedAwayReason = "not-allowed" | "account-exists" | "linked-elsewhere" | "expired";

/** Somebody came back and is not let in. */
export class TurnedAway extends Error {
  override readonly name = "TurnedAway";
  readonly reason: TurnedAwayReason;

  constructor(reason: TurnedAwayReason, detail: string = reason) {
    super(detail);
    this.reason = reason;
  }
}
