import { Component } from "@angular/core";
import { RouterOutlet } from "@angular/router";

/**
 * Nothing but the router: what a page needs besides itself (the frame around it, the backend) is loaded together with
 * the page, so that the browser starts on all of it earlier.
 */
@Component({ selector: "app-root", imports: [RouterOutlet], template: "<router-outlet />" })
export class Root {}
