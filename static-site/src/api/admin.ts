import { type Authority, createAuthorised, type Network, realNetwork } from './client';
import type {
  Answer,
  Language,
  Narrow,
  Page,
  PaymentStatus,
  ReceiptState,
  ResponseStatus,
  Schemas,
  SubscriptionState,
} from './types';

/** The admin API: what it answers, and the calls that the page makes. */

export type Permission = Answer<'Permission'>;
export type Role = Answer<'Role'>;
export const ROLES = ['owner', 'support', 'marketing', 'readonly'] as const satisfies readonly Role[];

export type AdminMe = Answer<'Me'>;

/** A page of a list; a page may end before it is full, and `reached` says up to when was looked. */
export interface ListPage<Row> extends Page<Row> {
  reached?: string | null;
}

export const PAYMENT_STATUSES = [
  'created',
  'pending',
  'waiting_for_capture',
  'succeeded',
  'canceled',
  'refused',
  'lost',
] as const satisfies readonly PaymentStatus[];

/** What stands in the list as well as on the page of a payment. */
interface KnownOfPayment {
  status: PaymentStatus;
  receipt: ReceiptState | null;
}
export type PaymentRow = Narrow<Answer<'PaymentRow'>, KnownOfPayment>;
export type PaymentTotals = Answer<'PaymentTotalsView'>;
/** `created` means that it is being found out whether YooKassa has it. */
export type AskedRefund = Narrow<Answer<'AskedRefundView'>, { status: Exclude<PaymentStatus, 'waiting_for_capture'> }>;
export type PaymentDetail = Narrow<
  Answer<'PaymentDetail'>,
  KnownOfPayment & {
    history: { status: PaymentStatus; at: string }[];
    asked_refunds: AskedRefund[];
    request: Record<string, unknown>;
  }
>;
type OnePayment = Narrow<Answer<'OnePaymentDetail'>, { payment: PaymentDetail }>;
export type Difference = Narrow<Answer<'DifferenceView'>, { what: 'payment' | 'refund' }>;

interface KnownOfDriver {
  subscription: Narrow<Answer<'SubscriptionBrief'>, { state: SubscriptionState }>;
}
export type DriverRow = Narrow<Answer<'DriverRowView'>, KnownOfDriver>;
export type Block = Answer<'BlockView'>;
export type DriverSubscription = Narrow<Answer<'SubscriptionView'>, { state: SubscriptionState }>;
export type DriverCard = Narrow<
  Answer<'DriverCardView'>,
  { driver: Narrow<Answer<'DriverView'>, KnownOfDriver>; subscription: DriverSubscription }
>;
/** A gift beyond what its giver may give alone. */
export type GiftRequest = Answer<'GiftRequestView'>;
export type SubscriptionChange = Pick<Schemas['SubscriptionBody'], 'reason'> &
  ({ action: 'gift' | 'revoke'; days: number } | { action: 'extend'; until: string });
export type SubscriptionRow = Narrow<Answer<'SubscriptionRow'>, { state: SubscriptionState; expires_at: string }>;

export const RESPONSE_STATUSES = [
  'queued',
  'sent',
  'accepted',
  'rejected',
  'expired',
  'completed',
  'withdrawn',
] as const satisfies readonly ResponseStatus[];
export const DECIDED_BY = ['dispatcher', 'shipper', 'admin'] as const satisfies readonly ResponseActor['kind'][];

export type DriverResponseRow = Answer<'DriverResponse'>;
/** Who did something to a response. */
export type ResponseActor = Narrow<
  Answer<'ActorView'>,
  { kind: 'driver' | 'dispatcher' | 'shipper' | 'admin' | 'system' }
>;
interface KnownOfResponse {
  decided: { by: ResponseActor; at: string } | null;
}
/** A response in the list of all drivers'. */
export type ResponseRow = Narrow<Answer<'ResponseRow'>, KnownOfResponse>;
export type ResponseDetail = Narrow<
  Answer<'ResponseDetail'>,
  KnownOfResponse & {
    reason_by: ResponseActor | null;
    history: { status: ResponseStatus; at: string; by: ResponseActor }[];
  }
>;
/** What one who decides did; without an id, all shippers together. */
export type Decider = Answer<'DeciderView'>;

export type PromoCode = Narrow<Answer<'PromoCodeView'>, { state: 'works' | 'off' | 'early' | 'ended' | 'used_up' }>;
type OnePromoCode = Narrow<Answer<'OnePromoCode'>, { promo_code: PromoCode }>;
export type NewPromoCode = Required<Schemas['PromoCodeBody']>;

export type Plan = Answer<'SetPlan'>;
export type Tariff = Answer<'SetTariff'>;
export const TARIFF_KINDS = ['platon', 'diesel', 'vat', 'profit_tax'] as const;
export type Receipts = Answer<'Receipts'>;
export type Settings = Answer<'SettingsView'>;
export type Shop = Answer<'ShopView'>;
export type SettingsAnswer = Answer<'AllSettings'>;
export type Flag = Narrow<Answer<'FlagView'>, { rule: 'on' | 'off' | 'drivers'; default: 'on' | 'off' }>;
export type FlagsAnswer = Narrow<Answer<'FlagList'>, { items: Flag[] }>;

export type Delivery = Narrow<Answer<'DeliveryView'>, { state: 'waiting' | 'sent' | 'skipped' | 'failed' }>;
export type RoleRow = Answer<'RoleView'>;
export type AuditRow = Narrow<
  Answer<'AuditView'>,
  { by: { kind: 'admin' | 'dispatcher' | 'shipper' | 'driver'; id: number | null; name: string | null } | null }
>;

export type Market = Narrow<Answer<'MarketView'>, { state: 'off' | 'none' | 'fresh' | 'stale' }>;

type Breaker = 'closed' | 'open' | 'half_open';
export type Health = Narrow<
  Answer<'HealthView'>,
  {
    cargotech: Narrow<Answer<'UpstreamView'>, { breaker: Breaker }>;
    market: Market;
    jobs: Narrow<Answer<'JobView'>, { state: 'ok' | 'late' | 'failed' | 'never' }>[];
  }
>;
/** What drivers have done since their trial began, each counted once. */
export type Came = Answer<'CameView'>;
export type Overview = Narrow<
  Answer<'OverviewView'>,
  { upstream: Narrow<Answer<'UpstreamState'>, { state: 'ok' | 'degraded' | 'down' }> }
>;

/** A list's filters as its query has them; what is empty is left out. */
export type Filters = Record<string, string | undefined>;

export type AdminApi = ReturnType<typeof createAdminApi>;

/** `?a=1&b=2` of what is not empty; empty when nothing is. */
export function queryOf(parameters: Record<string, string | number | null | undefined>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined && value !== null && value !== '') query.set(name, String(value));
  }
  const text = query.toString();
  return text && `?${text}`;
}

/** Calls of the admin API. What would be done twice by a repeat carries a key that is the same for each repeat. */
export function createAdminApi(authority: () => Authority, network: Network = realNetwork) {
  const authorised = createAuthorised(authority, network);
  const id = encodeURIComponent;

  async function get<T>(path: string, parameters: Filters = {}, signal?: AbortSignal): Promise<T> {
    return (await authorised(`admin/${path}${queryOf(parameters)}`, { signal })).body as T;
  }

  async function command<T>(method: 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown, key?: string): Promise<T> {
    const headers = key === undefined ? {} : { 'idempotency-key': key };
    return (await authorised(`admin/${path}`, { method, headers, ...(body !== undefined && { body }) })).body as T;
  }

  return {
    me: () => get<AdminMe>('me'),
    overview: (days: number) => get<Overview>('overview', { days: String(days) }),
    health: () => get<Health>('health'),
    /** Lets the next sweep of the market find as few cargos as the refused one. */
    acceptMarket: (size: number) => command<Market>('POST', 'market/accept', { size }),

    /** A page of any list. */
    list: <Row, First extends ListPage<Row> = ListPage<Row>>(
      path: string,
      filters: Filters,
      cursor: string | null,
      signal?: AbortSignal,
    ) => get<First>(path, { ...filters, cursor: cursor ?? '' }, signal),

    /** A list as one CSV file, part by part; `progress` hears how many lines there are. */
    async csv(
      path: string,
      filters: Filters,
      lang: Language,
      progress: (lines: number) => void,
      signal?: AbortSignal,
    ): Promise<Blob> {
      const parts: Blob[] = [];
      // Excel in Russian separates cells by `;`, in English by `,`.
      const form = { format: 'csv', ...(lang === 'en' && { lang, sep: ',' }) };
      let lines = -1;
      for (let cursor: string | null = null; ; ) {
        const { body, headers } = await authorised(`admin/${path}${queryOf({ ...filters, ...form, cursor })}`, {
          signal,
        });
        const part = body as Blob;
        parts.push(part);
        lines += (await part.text()).split('\r\n').length - 1;
        progress(Math.max(0, lines));
        cursor = headers.get('x-next-cursor');
        if (!cursor) return new Blob(parts, { type: part.type });
      }
    },

    payment: async (payment: string) => (await get<OnePayment>(`payments/${id(payment)}`)).payment,
    recheck: async (payment: string) => (await command<OnePayment>('POST', `payments/${id(payment)}/recheck`)).payment,
    /** Gives money back; all that is left when no sum is named. */
    refund: (payment: string, order: Required<Schemas['RefundBody']>, key: string) =>
      command<Narrow<Answer<'RefundAnswer'>, { refund: AskedRefund; payment: PaymentDetail }>>(
        'POST',
        `payments/${id(payment)}/refund`,
        order,
        key,
      ),
    resolve: (difference: string, note: string) =>
      command<Narrow<Answer<'OneDifference'>, { difference: Difference }>>(
        'POST',
        `differences/${id(difference)}/resolve`,
        { note },
      ),

    driver: (driver: string) => get<DriverCard>(`drivers/${id(driver)}`),
    changeSubscription: (driver: string, change: SubscriptionChange, key: string) =>
      command<Narrow<Answer<'OrderedSubscription'>, { subscription: DriverSubscription }> | Answer<'OneGiftRequest'>>(
        'POST',
        `drivers/${id(driver)}/subscription`,
        change,
        key,
      ),
    confirmRequest: async ({ driver_id, id: request }: GiftRequest) =>
      (await command<Answer<'OneGiftRequest'>>('POST', `drivers/${driver_id}/requests/${id(request)}/confirm`, {}))
        .request,
    declineRequest: async ({ driver_id, id: request }: GiftRequest, reason: string) =>
      (
        await command<Answer<'OneGiftRequest'>>('POST', `drivers/${driver_id}/requests/${id(request)}/decline`, {
          reason,
        })
      ).request,
    block: (driver: string, blocked: boolean, reason: string) =>
      command<Answer<'BlockAnswer'>>('POST', `drivers/${id(driver)}/block`, { blocked, reason }),
    undoAcceptance: async (driver: string, cargo: string, reason: string) => {
      const path = `drivers/${id(driver)}/responses/${id(cargo)}/undo`;
      return (await command<Answer<'OneDriverResponse'>>('POST', path, { reason })).response;
    },
    response: async (response: string) =>
      (await get<Narrow<Answer<'OneResponseDetail'>, { response: ResponseDetail }>>(`responses/${id(response)}`))
        .response,
    endSession: (driver: string, reason: string) =>
      command<null>('POST', `drivers/${id(driver)}/end-session`, { reason }),
    revokeLink: (driver: string, reason: string) =>
      command<null>('POST', `drivers/${id(driver)}/revoke-link`, { reason }),
    /** Everything that is stored of a driver. */
    exportDriver: (driver: string) => get<unknown>(`drivers/${id(driver)}/export`),
    deleteDriver: (driver: string, reason: string) =>
      command<unknown>('POST', `drivers/${id(driver)}/delete`, { reason }),

    createPromoCode: async (code: NewPromoCode, key: string) =>
      (await command<OnePromoCode>('POST', 'promo-codes', code, key)).promo_code,
    promoCode: async (code: string) => (await get<OnePromoCode>(`promo-codes/${id(code)}`)).promo_code,
    changePromoCode: async (code: string, change: { max_uses: number; valid_until: string | null }) =>
      (await command<OnePromoCode>('PUT', `promo-codes/${id(code)}`, change)).promo_code,
    enablePromoCode: async (code: string, enabled: boolean) =>
      (await command<OnePromoCode>('PUT', `promo-codes/${id(code)}`, { enabled })).promo_code,

    settings: () => get<SettingsAnswer>('settings'),
    saveSettings: (version: number, change: Partial<Settings>) =>
      command<SettingsAnswer>('PUT', 'settings', { version, ...change }),
    saveShop: async (shop_id: string, secret_key: string) =>
      (await command<Answer<'OneShop'>>('PUT', 'settings/yookassa', { shop_id, secret_key })).yookassa,

    flags: () => get<FlagsAnswer>('flags'),
    setFlag: (flag: string, rule: Flag['rule'], drivers: number[], version: number) =>
      command<FlagsAnswer>('PUT', `flags/${id(flag)}`, { rule, version, ...(rule === 'drivers' && { drivers }) }),

    retryDelivery: async (delivery: string, reason: string) =>
      (
        await command<Narrow<Answer<'OneDelivery'>, { delivery: Delivery }>>(
          'POST',
          `deliveries/${id(delivery)}/retry`,
          { reason },
        )
      ).delivery,

    giveRole: (driver: string, role: Role) => command<unknown>('PUT', `roles/${id(driver)}`, { role }),
    takeRole: (driver: string) => command<null>('DELETE', `roles/${id(driver)}`),
  };
}
