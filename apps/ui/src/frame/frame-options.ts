import { InjectionToken } from "@angular/core";
import type { Route } from "@angular/router";

/** A page in the navigation. */
export interface FramePage {
  /** Its address, from the first slash; addresses below it belong to it. */
  path: string;
  /** Of `@mdi/js`; shown where the navigation is at the bottom of a phone. */
  icon: string;
  label: string;
}

/** What an interface tells the frame that is around its pages. */
export interface FrameOptions {
  /** The drawing before the product's name, in a square of 32; `accent` takes the accent's colour. */
  mark: readonly { path: string; accent?: boolean }[];
  /** The page that is opened first: where the mark leads, and what a page that does not exist offers instead. */
  home: {
    path: string;
    /** What the mark says to a screen reader, with the product's name: "Slipway, to the deliveries". */
    label: string;
    /** What a link in the page says: "See the deliveries". */
    link: string;
  };
  pages: readonly FramePage[];
  /**
   * Loads the page at `/sign-in` (see `SignIn`). Without it nobody is asked for: the navigation is always there, and the
   * preferences show no person.
   */
  signIn?: NonNullable<Route["loadComponent"]>;
}

export const FRAME = new InjectionToken<FrameOptions>("FRAME");
