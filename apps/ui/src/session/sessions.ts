import { Location } from "@angular/common";
import { inject, Injectable, signal } from "@angular/core";
import { takeUntilDestroyed } from "@angular/core/rxjs-interop";
import { Router } from "@angular/router";
import { ApiClient } from "../api/api";

/** Who is signed in, as the service kit's `GET /api/session` says it. */
export interface SignedIn {
  name: string;
}

/** Who is signed in: `undefined` until the backend has said it, null when nobody is. */
@Injectable({ providedIn: "root" })
export class SessionService {
  readonly #api = inject(ApiClient);
  readonly #router = inject(Router);
  readonly #location = inject(Location);
  readonly #current = signal<SignedIn | null | undefined>(undefined);
  readonly current = this.#current.asReadonly();

  constructor() {
    this.#api.unauthorized.pipe(takeUntilDestroyed()).subscribe(() => {
      this.#toSignIn();
    });
  }

  /** Asks the backend. When nobody is signed in this ends at the sign-in page; when it cannot be asked, as it was. */
  async load(): Promise<void> {
    try {
      this.#current.set(await this.#api.get<SignedIn>({ path: "/api/session" }));
    } catch {
      // The page that is shown asks for something, too, and says what is wrong.
    }
  }

  /** Signs out, and shows where one signs in. When it fails the person is still signed in, and sees so. */
  async signOut(): Promise<void> {
    try {
      await this.#api.post("/api/session/sign-out");
      this.#current.set(null);
      await this.#router.navigate(["/sign-in"]);
    } catch {
      await this.load();
    }
  }

  /** Leads to where one signs in, and from there back to this page. */
  #toSignIn(): void {
    this.#current.set(null);
    const here = this.#location.path(true) || "/";
    if (here.startsWith("/sign-in")) return;
    void this.#router.navigate(["/sign-in"], { queryParams: { return: here } });
  }
}
