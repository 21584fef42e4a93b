import { type Authority, type Call, createAuthorised, type Network, type Reply, realNetwork } from './client';
import { ApiError } from './error';
import { createSessionApi } from './session';
import type { Answer, Language, Narrow, Page, PaymentStatus, ReceiptState, Schemas, SubscriptionState } from './types';

/** The driver as the server knows them. */
export type Me = Narrow<
  Answer<'Driver'>,
  { preferences: { filters: Record<string, unknown> | null; language: Language | null } }
> & {
  /** What the driver may administer; none for nearly all. */
  roles?: Answer<'SignedInDriver'>['roles'];
};

/** What the profit of a cargo is worked out with; null stands for what the driver has not said. */
export type Truck = NonNullable<Me['truck']>;
/** What a cargo leaves the driver. */
export type Worth = Answer<'WorthView'>;
export type Term = Worth['profit']['terms'][number];

/** Where to go outside the app. */
export type Links = Pick<Answer<'Links'>, 'app_url' | 'support_url'>;

/** What may be paid for. */
export type Feature = Answer<'Feature'>;

/** How the driver's subscription stands. */
export type Subscription = Narrow<
  Answer<'SubscriptionView'>,
  { state: SubscriptionState; source: 'payment' | 'promo' | 'trial' | 'gift' | null }
>;

type Redeemed = Narrow<Answer<'RedeemedView'>, { subscription: Subscription }>;

/** What the driver may use now. */
export interface Access {
  subscription: Subscription;
  features: Record<Feature, boolean>;
  /** The flags that are on for the driver: what an `app.` flag is not on for is hidden. */
  flags: string[];
}

export type Plan = Answer<'PlanView'>;
export type Plans = Answer<'Plans'>;
export type Payment = Narrow<Answer<'PaymentView'>, { status: PaymentStatus; receipt: ReceiptState | null }>;

/** What is bought, and where the driver returns to after paying. */
export type Order = Narrow<Schemas['PaymentBody'], { return_to: 'telegram' | 'browser' }>;

/** What `PUT /api/me` takes: absent means unchanged, null means cleared. */
export type MeChange = Narrow<
  Schemas['MeBody'],
  { preferences?: { filters?: object | null; language?: Language | null } }
>;

/** One end of the way. `date` is the local clock time of the place, without a zone. */
export type Place = Answer<'Place'>;
/** A cargo as the list shows it. */
export type Card = Answer<'Card'>;
export type Contact = Answer<'Contact'>;
/** A cargo as its own screen shows it. */
export type Cargo = Answer<'DetailedCargo'>;

/** A driver's response to a cargo, with what both were when it was sent. */
export type DriverResponse = Narrow<
  Answer<'ResponseView'>,
  {
    history: Narrow<Answer<'StepView'>, { by: 'driver' | 'dispatcher' | 'shipper' | 'admin' | 'system' }>[];
  }
>;

/** A cargo as it was when it was responded to: it may be gone by now. */
export type ResponseCargo = Answer<'CargoSummary'>;

/** What a driver sends; null stands for what the profile says, or for nothing. */
export type Offer = Required<Pick<Schemas['RespondBody'], 'phone' | 'comment' | 'price_rub'>> & {
  /** The price that the driver saw, 0 for "on request": the server refuses when it is another one by now. */
  seen_price_rub: number;
};

export interface ResponsePage extends Page<DriverResponse> {
  etag: string | null;
}

/** A settlement. */
export type Settlement = Answer<'PlaceView'>;
/** A truck type or a load type. */
export type Choice = Answer<'TypeEntry'>;

/** How old an answer is and whether CargoTech itself stands behind it. */
export interface Freshness {
  /** When CargoTech was asked, in milliseconds of this phone's clock. */
  askedAt: number;
  /** CargoTech does not answer; this came from the server's cache. */
  upstreamDown: boolean;
}

export interface CardPage
  extends Freshness,
    Pick<Answer<'CargoList'>, 'items' | 'total' | 'cursor' | 'fetched_at' | 'source'> {}

/** A cargo as opened, and what of it has to be paid for. */
export interface OpenCargo extends Freshness {
  cargo: Cargo;
  locked: Feature[];
  /** The driver's response was rejected because another had the cargo, and nobody has it any more. */
  freed: boolean;
}

export type Api = ReturnType<typeof createApi>;

/** The API of the server. All calls may be repeated: each is idempotent by nature or by its key. */
export function createApi(authority: () => Authority, network: Network = realNetwork) {
  const authorised = createAuthorised(authority, network);

  function freshness(headers: Headers): Freshness {
    return {
      askedAt: network.now() - (Number(headers.get('age')) || 0) * 1000,
      upstreamDown: headers.get('x-cargo-upstream') === 'unavailable',
    };
  }

  return {
    ...createSessionApi(authority, network),

    async me(): Promise<Me & { links: Links }> {
      return (await authorised('me')).body as Me & { links: Links };
    },

    async saveMe(change: MeChange): Promise<Me & { links: Links }> {
      return (await authorised('me', { method: 'PUT', body: change })).body as Me & { links: Links };
    },

    /** One page of the list; `query` is made by `toQuery`. */
    async cargos(query: string, signal?: AbortSignal): Promise<CardPage> {
      const { body, headers } = await authorised(`cargos?${query}`, { signal });
      const { items, total, cursor, fetched_at, source } = body as Answer<'CargoList'>;
      return { items, total, cursor, fetched_at, source, ...freshness(headers) };
    },

    /** One cargo; `seenPrice` lets the server notice that a cached list is out of date. */
    async cargo(id: string, seenPrice: number | null): Promise<OpenCargo & { response: DriverResponse | null }> {
      const query = seenPrice === null ? '' : `?seen_price_rub=${seenPrice}`;
      const { body, headers } = await authorised(cargoPath(id) + query);
      const opened = body as Narrow<Answer<'CargoDetail'>, { response: DriverResponse | null }>;
      const { cargo, response = null, locked = [], freed = false } = opened;
      return { cargo, response, locked, freed, ...freshness(headers) };
    },

    /** What a cargo leaves the driver whose truck stands at a settlement; null for who does not say where. */
    async worth(id: string, from: number | null): Promise<Worth> {
      const query = from === null ? '' : `?from_place_id=${from}`;
      return (await authorised(`${cargoPath(id)}/worth${query}`)).body as Worth;
    },

    /** Responds to a cargo; `key` is the same for every repeat, which gets the response that the first one made. */
    async respond(id: string, offer: Offer, key: string): Promise<DriverResponse> {
      const call: Call = { method: 'POST', body: offer, headers: { 'idempotency-key': key }, keepalive: true };
      return responseIn(await authorised(`${cargoPath(id)}/responses`, call));
    },

    async withdraw(id: string): Promise<DriverResponse> {
      return responseIn(await authorised(`${cargoPath(id)}/responses`, { method: 'DELETE' }));
    },

    /** A page of the driver's responses, newest first; null when it is still the one with this `etag`. */
    async responses(cursor: string | null, etag: string | null): Promise<ResponsePage | null> {
      const query = cursor === null ? '' : `?cursor=${encodeURIComponent(cursor)}`;
      const { body, headers } = await authorised(
        `responses${query}`,
        etag === null ? {} : { headers: { 'if-none-match': etag } },
      );
      return body === null ? null : { ...(body as Page<DriverResponse>), etag: headers.get('etag') };
    },

    /** How the subscription stands and what it opens. */
    async access(): Promise<Access> {
      const { features, flags, ...subscription } = (await authorised('subscription')).body as Subscription &
        Pick<Access, 'features' | 'flags'>;
      return { subscription, features, flags };
    },

    /** The link that opens the app without Telegram. */
    async accessLink(): Promise<string> {
      return ((await authorised('me/access-link')).body as Answer<'AccessLink'>).url;
    },

    /** Ends that link; the next one is another. */
    async revokeAccessLink(): Promise<void> {
      await authorised('me/access-link', { method: 'DELETE' });
    },

    async plans(): Promise<Plans> {
      return (await authorised('plans')).body as Plans;
    },

    /** Orders a plan; `key` is the same for every repeat of one order. */
    async order(order: Order, key: string): Promise<Payment> {
      return paymentIn(
        await authorised('payments', { method: 'POST', body: order, headers: { 'idempotency-key': key } }),
      );
    },

    async payment(id: string): Promise<Payment> {
      return paymentIn(await authorised(`payments/${encodeURIComponent(id)}`));
    },

    /** A page of the driver's payments, newest first. */
    async payments(cursor: string | null): Promise<Page<Payment>> {
      const query = cursor === null ? '' : `?cursor=${encodeURIComponent(cursor)}`;
      return (await authorised(`payments${query}`)).body as Page<Payment>;
    },

    async redeem(code: string): Promise<Redeemed> {
      const { body } = await authorised('promo-codes/redeem', { method: 'POST', body: { code } });
      return body as Redeemed;
    },

    /** How many cargos fit; `query` is made by `parametersOf`. Null while nobody can count them. */
    async facets(query: string, signal: AbortSignal): Promise<Answer<'Facets'> | null> {
      try {
        return (await authorised(`cargos/facets?${query}`, { signal })).body as Answer<'Facets'>;
      } catch (reason) {
        if (reason instanceof ApiError && reason.code === 'market_unavailable') return null;
        throw reason;
      }
    },

    /** Settlements by what is typed of a name, the likeliest first. */
    async places(name: string, signal: AbortSignal): Promise<Settlement[]> {
      const { body } = await authorised(`places?name=${encodeURIComponent(name)}`, { signal });
      return (body as Answer<'FoundPlaces'>).items;
    },

    /** The settlement nearest to a point, if there is one. Logs need not know where the driver is to the metre. */
    async nearest(lat: number, lon: number): Promise<Settlement[]> {
      const { body } = await authorised(`places/nearest?lat=${lat.toFixed(2)}&lon=${lon.toFixed(2)}&limit=1`);
      return (body as Answer<'FoundPlaces'>).items;
    },

    async choices(name: 'truck-types' | 'load-types'): Promise<Choice[]> {
      return ((await authorised(`dictionaries/${name}`)).body as Answer<'Items_TypeEntry'>).items;
    },
  };
}

function cargoPath(id: string): string {
  return `cargos/${encodeURIComponent(id)}`;
}

function responseIn({ body }: Reply): DriverResponse {
  return (body as Narrow<Answer<'Responded'>, { response: DriverResponse }>).response;
}

function paymentIn({ body }: Reply): Payment {
  return (body as Narrow<Answer<'OnePayment'>, { payment: Payment }>).payment;
}
