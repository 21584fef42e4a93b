import { type Authority, createAuthorised, type Language, type Network, realNetwork } from '../api';

/** The admin API: what it answers, and the calls that the page makes. */

export const PERMISSIONS = [
  'see_overview',
  'see_payments',
  'recheck_payments',
  'refund',
  'see_drivers',
  'change_subscriptions',
  'export',
  'confirm_requests',
  'block_drivers',
  'undo_acceptances',
  'delete_drivers',
  'retry_deliveries',
  'see_promo_codes',
  'change_promo_codes',
  'see_settings',
  'change_settings',
  'change_flags',
  'change_secrets',
  'see_roles',
  'change_roles',
  'see_audit',
] as const;
export type Permission = (typeof PERMISSIONS)[number];

export const ROLES = ['owner', 'support', 'marketing', 'readonly'] as const;
export type Role = (typeof ROLES)[number];

export interface AdminMe {
  id: number;
  name: string;
  role: Role;
  permissions: Permission[];
  /** Until when what is dangerous may be done without signing in anew. */
  fresh_until: string;
}

/** A page of a list. */
export interface Page<Row> {
  items: Row[];
  /** Of the next page; null at the end. */
  cursor: string | null;
  /** Up to when was looked: a page may end before it is full. */
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
] as const;
export type PaymentStatus = (typeof PAYMENT_STATUSES)[number];

export interface PaymentRow {
  id: string;
  driver_id: number;
  driver_name?: string | null;
  plan: string;
  plan_name: string;
  amount_rub: number;
  refunded_rub: number | null;
  status: PaymentStatus;
  reason: string | null;
  yookassa_id: string | null;
  receipt: 'pending' | 'succeeded' | 'canceled' | null;
  created_at: string;
  updated_at: string;
}

export interface PaymentTotals {
  count: number;
  amount_rub: number;
  refunded_rub: number;
}

export interface AskedRefund {
  id: string;
  amount_rub: number;
  reason: string;
  admin_id: number;
  admin_name?: string | null;
  /** `created` means that it is being found out whether YooKassa has it. */
  status: 'created' | 'pending' | 'succeeded' | 'canceled' | 'refused' | 'lost';
  yookassa_id: string | null;
  cancellation: string | null;
  asked_at: string;
  updated_at: string;
}

export interface PaymentDetail extends PaymentRow {
  refundable_rub: number | null;
  history: { status: PaymentStatus; at: string }[];
  refunds: { id: string; amount_rub: number; days: number; at: string }[];
  asked_refunds: AskedRefund[];
  request: Record<string, unknown>;
  /** YooKassa's last one. */
  answer?: unknown;
}

export interface Difference {
  id: string;
  what: 'payment' | 'refund';
  yookassa_id: string;
  payment_id: string | null;
  reason: string;
  /** How often it was met. */
  met: number;
  found_at: string;
  seen_at: string;
  resolved: { by: number; name: string; note: string; at: string } | null;
}

export interface DriverRow {
  id: number;
  first_name: string;
  last_name: string | null;
  username: string | null;
  phone: string | null;
  blocked: boolean;
  /** Blocked the bot. */
  unreachable: boolean;
  created_at: string;
  seen_at: string | null;
  subscription: { state: SubscriptionState; expires_at: string | null };
}

export type SubscriptionState = 'none' | 'trial' | 'active' | 'expired';

export interface Block {
  reason: string;
  by: number;
  name: string;
  at: string;
}

export interface DriverCard {
  driver: DriverRow & {
    phone_confirmed: boolean;
    company: string | null;
    email: string | null;
    language: string | null;
    deleted_at: string | null;
  };
  block: Block | null;
  session: { signed_in_at: string | null; expires_at: string; by_link: boolean } | null;
  subscription: DriverSubscription;
  features: { feature: string; allowed: boolean; rule: string }[];
  ledger: {
    id: string;
    source: string;
    days: number;
    at: string;
    ends_at: string;
    reason: string | null;
    by: number | null;
    name?: string | null;
  }[];
}

export interface DriverSubscription {
  state: SubscriptionState;
  expires_at: string | null;
  source: string | null;
  days_left: number;
}

/** A gift beyond what its giver may give alone. */
export interface GiftRequest {
  id: string;
  driver_id: number;
  driver_name: string | null;
  /** Days; null when it is asked for until a day. */
  days: number | null;
  until: string | null;
  reason: string;
  asked_by: { id: number; name: string };
  asked_at: string;
  /** Null while it waits. */
  decision: { confirmed: boolean; by: { id: number; name: string }; at: string; reason: string | null } | null;
}

export interface DriverResponseRow {
  id: string;
  cargo_id: string;
  route: string;
  status: string;
  created_at: string;
  updated_at: string;
  /** The price for which the cargo is carried: the driver's own, else the cargo's. */
  price_rub: number | null;
  own_price_rub: number | null;
  cargo_price_rub: number | null;
  reason: string | null;
  /** It was accepted, and then that was undone. */
  undone: boolean;
}

export const RESPONSE_STATUSES = [
  'queued',
  'sent',
  'accepted',
  'rejected',
  'expired',
  'completed',
  'withdrawn',
] as const;
export const DECIDED_BY = ['dispatcher', 'shipper', 'admin'] as const;

/** Who did something to a response. */
export interface ResponseActor {
  kind: 'driver' | 'dispatcher' | 'shipper' | 'admin' | 'system';
  id: number | null;
  name: string | null;
}

/** A response in the list of all drivers'. */
export interface ResponseRow {
  id: string;
  driver_id: number;
  driver_name: string | null;
  cargo_id: string;
  route: string;
  status: (typeof RESPONSE_STATUSES)[number];
  undone: boolean;
  price_rub: number | null;
  created_at: string;
  updated_at: string;
  decided: { by: ResponseActor; at: string } | null;
  /** Seconds from when the dispatchers had it to the first decision. */
  answered_after_s: number | null;
}

export interface ResponseDetail extends ResponseRow {
  phone: string | null;
  phone_confirmed: boolean;
  comment: string | null;
  own_price_rub: number | null;
  cargo_price_rub: number | null;
  title: string;
  weight_volume: string;
  from_date: string | null;
  to_date: string | null;
  reason: string | null;
  reason_by: ResponseActor | null;
  expires_at: string;
  has_link: boolean;
  history: { status: ResponseRow['status']; at: string; by: ResponseActor }[];
}

/** What one who decides did; without an id, all shippers together. */
export interface Decider {
  id: number | null;
  name: string | null;
  accepted: number;
  rejected: number;
  undone: number;
  accept_percent: number | null;
  answer_s: number | null;
}

export type SubscriptionChange =
  | { action: 'gift' | 'revoke'; days: number; reason: string }
  | { action: 'extend'; until: string; reason: string };

export interface SubscriptionRow {
  driver_id: number;
  driver_name?: string | null;
  state: SubscriptionState;
  source: string | null;
  expires_at: string;
  days_left: number;
  payments: number;
}

export interface PromoCode {
  code: string;
  action: 'extend' | 'trial';
  days: number;
  max_uses: number;
  uses: number;
  valid_from: string | null;
  valid_until: string | null;
  enabled: boolean;
  /** Whether anybody can use it now. */
  state: 'works' | 'off' | 'early' | 'ended' | 'used_up';
  created_by?: number | null;
  created_by_name?: string | null;
  created_at?: string | null;
}

export interface NewPromoCode {
  code: string | null;
  action: 'extend' | 'trial';
  days: number;
  max_uses: number;
  valid_from: string | null;
  valid_until: string | null;
  enabled: boolean;
}

export interface Plan {
  id: string;
  name: string;
  days: number;
  price_rub: number;
}

export interface Receipts {
  vat_code: number;
  tax_system_code: number | null;
  payment_subject: string;
  payment_mode: string;
  measure: string;
}

export interface Settings {
  payments_on: boolean;
  plans: Plan[];
  trial_days: number;
  receipts: Receipts | null;
  response_expiry_hours: number;
  support_contact: string;
}

export interface Shop {
  shop_id: string;
  changed_at: string | null;
}

export interface SettingsAnswer {
  settings: Settings;
  version: number;
  yookassa: Shop;
}

export interface Flag {
  flag: string;
  rule: 'on' | 'off' | 'drivers';
  drivers: number[];
  default: 'on' | 'off';
}

export interface FlagsAnswer {
  items: Flag[];
  version: number;
}

export const DELIVERY_STATES = ['waiting', 'sent', 'skipped', 'failed'] as const;

export interface Delivery {
  id: string;
  what: string;
  driver_id: number | null;
  driver_name?: string | null;
  cargo_id: string | null;
  state: (typeof DELIVERY_STATES)[number];
  reason: string | null;
  attempts: number;
  created_at: string;
  updated_at: string;
  /** When it is to be sent, while it waits. */
  due_at: string | null;
  overdue: boolean;
}

export interface RoleRow {
  driver_id: number;
  name: string;
  role: Role;
  given_by: { id: number; name: string } | null;
  given_at: string | null;
  /** Named in the configuration: nobody can change it here. */
  configured: boolean;
}

export interface AuditRow {
  id: string;
  at: string;
  kind: string;
  outcome: string;
  request_id: string;
  actor: { id: number; name: string } | null;
  /** Who decided, also where it was no admin; null for the product itself. */
  by: { kind: 'admin' | 'dispatcher' | 'shipper' | 'driver'; id: number | null; name: string | null } | null;
  target: string | null;
  driver_id: number | null;
  driver_name?: string | null;
  address: string | null;
  user_agent: string | null;
  facts: Record<string, unknown>;
  before: unknown;
  after: unknown;
}

export interface Health {
  cargotech: {
    breaker: 'closed' | 'open' | 'half_open';
    token_age_s: number | null;
    budget_used_percent: number;
    last_check: { at: string; ok: boolean } | null;
  };
  queues: { name: string; waiting: number | null; in_flight: number | null; dead_letters: number | null }[];
  oldest: { delivery_s: number | null; payment_s: number | null };
  jobs: {
    name: string;
    state: 'ok' | 'late' | 'failed' | 'never';
    last_started: string | null;
    last_ok: string | null;
    last_error: string | null;
  }[];
  secrets: { name: string; changed_at: string | null; old: boolean }[];
}

/** What drivers have done since their trial began, each counted once. */
export interface Came {
  paid: number;
  promo: number;
  gift: number;
}

export interface OverviewDay {
  date: string;
  drivers_new: number;
  drivers_active: number;
  trials: number;
  /** What has come of the trials of this day; null while one of them may still run. */
  came: Came | null;
  promo_uses: number;
  responses: Record<string, number>;
  payments: Record<string, number>;
  paid: Record<string, number>;
  revenue_rub: Record<string, number>;
  refunds: number;
  refunded_rub: number;
  deliveries_failed: number;
}

export interface Overview {
  days: OverviewDay[];
  totals: {
    revenue_rub: number;
    refunded_rub: number;
    paid: number;
    refunds: number;
    drivers_new: number;
    conversion: Came & { trials: number; too_early: number; too_early_paid: number };
    responses: number;
    deliveries_failed: number;
  };
  subscriptions: {
    trial: number;
    paid: number;
    ending_3_days: number;
    ending_7_days: number;
    by_day: { date: string; trial: number; paid: number }[];
  };
  plans: { id: string; name: string }[];
  /** Requests that wait for an owner. */
  requests: number;
  upstream: { state: 'ok' | 'degraded' | 'down' };
}

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

    /** A page of any list. */
    list: <Row, Answer extends Page<Row> = Page<Row>>(
      path: string,
      filters: Filters,
      cursor: string | null,
      signal?: AbortSignal,
    ) => get<Answer>(path, { ...filters, cursor: cursor ?? '' }, signal),

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

    payment: async (payment: string) => (await get<{ payment: PaymentDetail }>(`payments/${id(payment)}`)).payment,
    recheck: async (payment: string) =>
      (await command<{ payment: PaymentDetail }>('POST', `payments/${id(payment)}/recheck`)).payment,
    /** Gives money back; all that is left when no sum is named. */
    refund: (
      payment: string,
      order: { amount_rub: number | null; reason: string; email: string | null },
      key: string,
    ) => command<{ refund: AskedRefund; payment: PaymentDetail }>('POST', `payments/${id(payment)}/refund`, order, key),
    resolve: (difference: string, note: string) =>
      command<{ difference: Difference }>('POST', `differences/${id(difference)}/resolve`, { note }),

    driver: (driver: string) => get<DriverCard>(`drivers/${id(driver)}`),
    changeSubscription: (driver: string, change: SubscriptionChange, key: string) =>
      command<{ subscription: DriverSubscription; seconds: number } | { request: GiftRequest }>(
        'POST',
        `drivers/${id(driver)}/subscription`,
        change,
        key,
      ),
    confirmRequest: async ({ driver_id, id: request }: GiftRequest) =>
      (await command<{ request: GiftRequest }>('POST', `drivers/${driver_id}/requests/${id(request)}/confirm`, {}))
        .request,
    declineRequest: async ({ driver_id, id: request }: GiftRequest, reason: string) =>
      (
        await command<{ request: GiftRequest }>('POST', `drivers/${driver_id}/requests/${id(request)}/decline`, {
          reason,
        })
      ).request,
    block: (driver: string, blocked: boolean, reason: string) =>
      command<{ block: Block | null }>('POST', `drivers/${id(driver)}/block`, { blocked, reason }),
    undoAcceptance: async (driver: string, cargo: string, reason: string) => {
      const path = `drivers/${id(driver)}/responses/${id(cargo)}/undo`;
      return (await command<{ response: DriverResponseRow }>('POST', path, { reason })).response;
    },
    response: async (response: string) =>
      (await get<{ response: ResponseDetail }>(`responses/${id(response)}`)).response,
    endSession: (driver: string, reason: string) =>
      command<null>('POST', `drivers/${id(driver)}/end-session`, { reason }),
    revokeLink: (driver: string, reason: string) =>
      command<null>('POST', `drivers/${id(driver)}/revoke-link`, { reason }),
    /** Everything that is stored of a driver. */
    exportDriver: (driver: string) => get<unknown>(`drivers/${id(driver)}/export`),
    deleteDriver: (driver: string, reason: string) =>
      command<unknown>('POST', `drivers/${id(driver)}/delete`, { reason }),

    createPromoCode: async (code: NewPromoCode, key: string) =>
      (await command<{ promo_code: PromoCode }>('POST', 'promo-codes', code, key)).promo_code,
    promoCode: async (code: string) => (await get<{ promo_code: PromoCode }>(`promo-codes/${id(code)}`)).promo_code,
    changePromoCode: async (code: string, change: { max_uses: number; valid_until: string | null }) =>
      (await command<{ promo_code: PromoCode }>('PUT', `promo-codes/${id(code)}`, change)).promo_code,
    enablePromoCode: async (code: string, enabled: boolean) =>
      (await command<{ promo_code: PromoCode }>('PUT', `promo-codes/${id(code)}`, { enabled })).promo_code,

    settings: () => get<SettingsAnswer>('settings'),
    saveSettings: (version: number, change: Partial<Settings>) =>
      command<SettingsAnswer>('PUT', 'settings', { version, ...change }),
    saveShop: async (shop_id: string, secret_key: string) =>
      (await command<{ yookassa: Shop }>('PUT', 'settings/yookassa', { shop_id, secret_key })).yookassa,

    flags: () => get<FlagsAnswer>('flags'),
    setFlag: (flag: string, rule: Flag['rule'], drivers: number[], version: number) =>
      command<FlagsAnswer>('PUT', `flags/${id(flag)}`, { rule, version, ...(rule === 'drivers' && { drivers }) }),

    retryDelivery: async (delivery: string, reason: string) =>
      (await command<{ delivery: Delivery }>('POST', `deliveries/${id(delivery)}/retry`, { reason })).delivery,

    giveRole: (driver: string, role: Role) => command<unknown>('PUT', `roles/${id(driver)}`, { role }),
    takeRole: (driver: string) => command<null>('DELETE', `roles/${id(driver)}`),
  };
}
