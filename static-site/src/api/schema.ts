// Written by `npm run api-types` from openapi.yaml.

/**
 * What a code does.
 */
export type Action = 'extend' | 'trial';
/**
 * On what the admin page is open.
 */
export type Seat = 'phone' | 'desk';
/**
 * A card and everything that is not on it.
 */
export type DetailedCargo = Card & {
  /**
   * What is carried.
   */
  cargo_type?: string | null;
  /**
   * Whom to call; null when that is locked.
   */
  contacts?: Contact[] | null;
  extra: Extra;
  /**
   * The shipper's comment.
   */
  note?: string | null;
  shipper?: Shipper | null;
};
/**
 * What a subscription can be needed for.
 */
export type Feature = 'list' | 'detail' | 'contacts' | 'respond';
/**
 * Where a response stands.
 */
export type Status = 'queued' | 'sent' | 'accepted' | 'rejected' | 'expired' | 'completed' | 'withdrawn';
/**
 * How many of the drivers whose trial began in these days have paid until now.
 */
export type ConversionView = CameView & {
  /**
   * Drivers of days on which trials began that may still run: too early to tell.
   */
  too_early: number;
  /**
   * Of those, who have paid already.
   */
  too_early_paid: number;
  /**
   * Drivers whose trial is over.
   */
  trials: number;
};
/**
 * A driver with what they say of themselves.
 */
export type DriverView = DriverRowView & {
  company?: string | null;
  /**
   * When their data was deleted.
   */
  deleted_at?: string | null;
  email?: string | null;
  /**
   * `ru` or `en`, when they chose.
   */
  language?: string | null;
  /**
   * Telegram vouched for the phone.
   */
  phone_confirmed: boolean;
};
/**
 * What decides whether a driver may use a feature.
 */
export type Rule = 'blocked' | 'flag' | 'free' | 'subscription' | 'no_subscription';
/**
 * What a route of the admin API needs.
 */
export type Permission =
  | 'see_drivers'
  | 'block_drivers'
  | 'delete_drivers'
  | 'undo_acceptances'
  | 'retry_deliveries'
  | 'see_payments'
  | 'recheck_payments'
  | 'refund'
  | 'change_subscriptions'
  | 'see_promo_codes'
  | 'change_promo_codes'
  | 'change_secrets'
  | 'see_overview'
  | 'export'
  | 'confirm_requests'
  | 'see_settings'
  | 'change_settings'
  | 'change_flags'
  | 'see_roles'
  | 'change_roles'
  | 'see_audit';
/**
 * What an admin is.
 */
export type Role = 'owner' | 'support' | 'marketing' | 'readonly';
/**
 * A payment with everything that is known of it.
 */
export type PaymentDetail = PaymentRow & {
  /**
   * What YooKassa said when something last changed by it.
   */
  answer?: {} | null;
  asked_refunds: AskedRefundView[];
  history: PaymentStep[];
  /**
   * Rubles that can still be asked back.
   */
  refundable_rub: number;
  refunds: DoneRefund[];
  /**
   * What was sent to YooKassa, less the driver's e-mail and address.
   */
  request: {};
};
/**
 * A response with all that is known of it.
 */
export type ResponseDetail = ResponseRow & {
  cargo_price_rub?: number | null;
  comment?: string | null;
  expires_at: string;
  from_date?: string | null;
  /**
   * A link for the shipper was made, and not taken back.
   */
  has_link: boolean;
  history: ResponseStep[];
  own_price_rub?: number | null;
  /**
   * E.164; null when the driver's data was deleted.
   */
  phone?: string | null;
  phone_confirmed: boolean;
  /**
   * Why it was rejected, or its acceptance undone.
   */
  reason?: string | null;
  reason_by?: ActorView | null;
  /**
   * What the cargo is called.
   */
  title: string;
  to_date?: string | null;
  weight_volume: string;
};
/**
 * A driver's subscription, and what it comes to.
 */
export type OwnAccess = SubscriptionView & {
  /**
   * The driver is blocked: nothing else answers them.
   */
  blocked: boolean;
  /**
   * What the driver may use now.
   */
  features: {
    [k: string]: boolean;
  };
  /**
   * The flags that are on for the driver; what an `app.` flag is not on for is hidden, and refused with `feature_off`.
   */
  flags: string[];
};
/**
 * Who signed in.
 */
export type SignedInDriver = Driver & {
  /**
   * What they are, if they administer.
   */
  roles: Role[];
};
/**
 * A subscription, as admins see it in a list.
 */
export type SubscriptionRow = SubscriptionView & {
  /**
   * Telegram's id.
   */
  driver_id: number;
  /**
   * First and last name, for whoever may see drivers.
   */
  driver_name?: string | null;
  /**
   * How many payments it has been extended by.
   */
  payments: number;
};

export interface Schemas {
  AccessLink: AccessLink;
  AccessTokenBody: AccessTokenBody;
  Action: Action;
  ActorView: ActorView;
  AdminSignInBody: AdminSignInBody;
  AllSettings: AllSettings;
  AskedRefundView: AskedRefundView;
  AuditView: AuditView;
  AuditViews: AuditViews;
  BlockAnswer: BlockAnswer;
  BlockBody: BlockBody;
  BlockView: BlockView;
  ByView: ByView;
  CameView: CameView;
  Card: Card;
  CargoDetail: CargoDetail;
  CargoList: CargoList;
  CargoSummary: CargoSummary;
  CheckView: CheckView;
  City: City;
  Contact: Contact;
  ConversionView: ConversionView;
  DayView: DayView;
  DecidedView: DecidedView;
  DeciderList: DeciderList;
  DeciderView: DeciderView;
  DecisionBody: DecisionBody;
  DecisionView: DecisionView;
  DeletedDriver: DeletedDriver;
  DeliveryRows: DeliveryRows;
  DeliveryView: DeliveryView;
  DetailedCargo: DetailedCargo;
  DifferenceRows: DifferenceRows;
  DifferenceView: DifferenceView;
  Display: Display;
  DoneRefund: DoneRefund;
  Driver: Driver;
  DriverCardView: DriverCardView;
  DriverResponse: DriverResponse;
  DriverResponses: DriverResponses;
  DriverRowView: DriverRowView;
  DriverRows: DriverRows;
  DriverView: DriverView;
  EndsView: EndsView;
  EntryView: EntryView;
  Extra: Extra;
  Feature: Feature;
  FeatureView: FeatureView;
  FieldError: FieldError;
  FlagBody: FlagBody;
  FlagList: FlagList;
  FlagView: FlagView;
  FoundPlaces: FoundPlaces;
  GiftRequestView: GiftRequestView;
  GiftRequests: GiftRequests;
  GiverView: GiverView;
  Health: Health;
  HealthView: HealthView;
  Items_City: Items_City;
  Items_TypeEntry: Items_TypeEntry;
  Items_WeightVolume: Items_WeightVolume;
  JobView: JobView;
  Links: Links;
  ListAtHand: ListAtHand;
  Me: Me;
  MeBody: MeBody;
  OfferView: OfferView;
  OldestView: OldestView;
  OneDelivery: OneDelivery;
  OneDifference: OneDifference;
  OneDriverResponse: OneDriverResponse;
  OneGiftRequest: OneGiftRequest;
  OnePayment: OnePayment;
  OnePaymentDetail: OnePaymentDetail;
  OnePromoCode: OnePromoCode;
  OneResponseDetail: OneResponseDetail;
  OneRole: OneRole;
  OneShop: OneShop;
  OrderedSubscription: OrderedSubscription;
  OverviewView: OverviewView;
  OwnAccess: OwnAccess;
  PaymentBody: PaymentBody;
  PaymentDetail: PaymentDetail;
  PaymentList: PaymentList;
  PaymentRow: PaymentRow;
  PaymentRows: PaymentRows;
  PaymentStep: PaymentStep;
  PaymentTotalsView: PaymentTotalsView;
  PaymentView: PaymentView;
  Permission: Permission;
  Place: Place;
  PlaceView: PlaceView;
  PlanName: PlanName;
  PlanView: PlanView;
  Plans: Plans;
  Preferences: Preferences;
  Problem: Problem;
  PromoChangeBody: PromoChangeBody;
  PromoCodeBody: PromoCodeBody;
  PromoCodeView: PromoCodeView;
  PromoCodes: PromoCodes;
  PromoUseView: PromoUseView;
  PromoUses: PromoUses;
  QueueView: QueueView;
  ReasonBody: ReasonBody;
  Receipts: Receipts;
  RedeemBody: RedeemBody;
  RedeemedView: RedeemedView;
  Refreshed: Refreshed;
  RefundAnswer: RefundAnswer;
  RefundBody: RefundBody;
  ResolutionView: ResolutionView;
  ResolveBody: ResolveBody;
  RespondBody: RespondBody;
  Responded: Responded;
  ResponseDetail: ResponseDetail;
  ResponseList: ResponseList;
  ResponseRow: ResponseRow;
  ResponseRows: ResponseRows;
  ResponseStep: ResponseStep;
  ResponseView: ResponseView;
  Role: Role;
  RoleBody: RoleBody;
  RoleList: RoleList;
  RoleView: RoleView;
  Rule: Rule;
  RunningView: RunningView;
  Seat: Seat;
  SecretView: SecretView;
  SessionView: SessionView;
  SetPlan: SetPlan;
  SettingsBody: SettingsBody;
  SettingsView: SettingsView;
  Shipper: Shipper;
  ShipperDriver: ShipperDriver;
  ShipperView: ShipperView;
  ShopBody: ShopBody;
  ShopView: ShopView;
  SignIn: SignIn;
  SignInBody: SignInBody;
  SignedInDriver: SignedInDriver;
  Status: Status;
  StepView: StepView;
  SubscriptionBody: SubscriptionBody;
  SubscriptionBrief: SubscriptionBrief;
  SubscriptionRow: SubscriptionRow;
  SubscriptionRows: SubscriptionRows;
  SubscriptionView: SubscriptionView;
  TotalsView: TotalsView;
  TypeEntry: TypeEntry;
  UpstreamState: UpstreamState;
  UpstreamView: UpstreamView;
  WeightVolume: WeightVolume;
}
/**
 * The driver's access link.
 */
export interface AccessLink {
  /**
   * Opens the app in an ordinary browser while a subscription runs.
   */
  url: string;
}
/**
 * What an access token's sign-in takes.
 */
export interface AccessTokenBody {
  /**
   * From the link, what follows `#/access/`.
   */
  access_token: string;
}
/**
 * Who did something to a response.
 */
export interface ActorView {
  /**
   * Telegram's id of a dispatcher or an admin.
   */
  id?: number | null;
  /**
   * `driver`, `dispatcher`, `shipper`, `admin` or `system`.
   */
  kind: string;
  /**
   * What they are called, where that is known and still kept.
   */
  name?: string | null;
}
/**
 * On what the admin page is opened.
 */
export interface AdminSignInBody {
  admin: Seat;
}
/**
 * All that is set.
 */
export interface AllSettings {
  settings: SettingsView;
  /**
   * Counts changes of settings and flags.
   */
  version: number;
  yookassa: ShopView;
}
/**
 * What can be set; in a change what is absent stays.
 */
export interface SettingsView {
  payments_on: boolean;
  /**
   * 1 to 12.
   */
  plans: SetPlan[];
  receipts?: Receipts | null;
  /**
   * 1 to 168; for responses that are given from now on.
   */
  response_expiry_hours: number;
  /**
   * `@name`, a phone in E.164 or an https address.
   */
  support_contact: string;
  /**
   * 0 to 90.
   */
  trial_days: number;
}
/**
 * A plan, as it is set.
 */
export interface SetPlan {
  /**
   * 1 to 3650.
   */
  days: number;
  /**
   * 1 to 8 of a-z and 0-9.
   */
  id: string;
  name: string;
  /**
   * Rubles, 1 to 1000000.
   */
  price_rub: number;
}
/**
 * How receipts are made out (54-FZ), in its names and numbers.
 */
export interface Receipts {
  /**
   * Such as `piece`.
   */
  measure: string;
  /**
   * Such as `full_payment`.
   */
  payment_mode: string;
  /**
   * Such as `service`.
   */
  payment_subject: string;
  /**
   * 1 to 6, where the till needs it.
   */
  tax_system_code?: number | null;
  /**
   * 1 to 12; 1 is without VAT.
   */
  vat_code: number;
}
/**
 * Our shop at YooKassa; its key is never shown.
 */
export interface ShopView {
  /**
   * When shop or key were last changed.
   */
  changed_at?: string | null;
  shop_id: string;
}
/**
 * A refund that an admin asked for.
 */
export interface AskedRefundView {
  /**
   * Who asked for it.
   */
  admin_id: number;
  admin_name?: string | null;
  amount_rub: number;
  asked_at: string;
  /**
   * Why it was canceled or refused.
   */
  cancellation?: string | null;
  id: string;
  reason: string;
  /**
   * `created` (being found out), `pending`, `succeeded`, `canceled`, `refused`, `lost`.
   */
  status: string;
  updated_at: string;
  yookassa_id?: string | null;
}
/**
 * One thing that happened.
 */
export interface AuditView {
  actor?: GiverView | null;
  address?: string | null;
  after?: {} | null;
  at: string;
  before?: {} | null;
  by?: ByView | null;
  /**
   * Whom it concerns.
   */
  driver_id?: number | null;
  /**
   * First and last name, for whoever may see drivers.
   */
  driver_name?: string | null;
  /**
   * Further facts, each a name and a text.
   */
  facts: {
    [k: string]: string;
  };
  id: string;
  /**
   * Such as `refund`, `settings`, `admin_access`.
   */
  kind: string;
  /**
   * Such as `ok`, `changed`, `refused`.
   */
  outcome: string;
  request_id: string;
  /**
   * What it was done to, such as `payment/1c3f…`.
   */
  target?: string | null;
  user_agent?: string | null;
}
/**
 * Who did something, called as they were called then.
 */
export interface GiverView {
  id: number;
  name: string;
}
/**
 * Who did something.
 */
export interface ByView {
  /**
   * Telegram's id; null for a shipper.
   */
  id?: number | null;
  /**
   * `admin`, `dispatcher`, `shipper` or `driver`.
   */
  kind: string;
  /**
   * As an admin was called then; else as they are called now, where that is known.
   */
  name?: string | null;
}
/**
 * A page of the log, newest first.
 */
export interface AuditViews {
  /**
   * For the next page; null when there is nothing more.
   */
  cursor?: string | null;
  items: AuditView[];
  /**
   * How far back was looked: a page of few that fit may end before it is full.
   */
  reached?: string | null;
}
/**
 * What a driver has of the block.
 */
export interface BlockAnswer {
  block?: BlockView | null;
}
/**
 * That a driver is blocked.
 */
export interface BlockView {
  at: string;
  /**
   * The admin's Telegram id.
   */
  by: number;
  /**
   * What the admin was called then.
   */
  name: string;
  reason: string;
}
/**
 * Whether a driver shall be blocked.
 */
export interface BlockBody {
  blocked: boolean;
  /**
   * At most 250 characters.
   */
  reason: string;
}
/**
 * What drivers have done until now whose trial began on some days. Each driver is counted once.
 */
export interface CameView {
  /**
   * Neither, and were given days.
   */
  gift: number;
  /**
   * Paid money, however often, and did not get all of it back.
   */
  paid: number;
  /**
   * Did not, and redeemed a promo code.
   */
  promo: number;
}
/**
 * What the list shows of a cargo.
 */
export interface Card {
  display: Display;
  /**
   * By road.
   */
  distance_km?: number | null;
  from: Place;
  /**
   * CargoTech's id.
   */
  id: string;
  /**
   * Names of the ways it is loaded.
   */
  load_types: string[];
  /**
   * Rubles for a kilometre.
   */
  price_per_km_rub?: number | null;
  /**
   * Rubles; null is "on request".
   */
  price_rub?: number | null;
  /**
   * What it is called, or what is carried.
   */
  title: string;
  to: Place;
  /**
   * Names of the truck types that will do.
   */
  truck_types: string[];
  /**
   * Cubic metres.
   */
  volume_m3?: number | null;
  /**
   * Kilograms.
   */
  weight_kg?: number | null;
}
/**
 * A card's ready-made strings, in Russian.
 */
export interface Display {
  /**
   * `50 000 ₽`, or `по запросу`.
   */
  price: string;
  /**
   * `Москва → Казань`.
   */
  route: string;
  /**
   * `20 т / 82 м³`.
   */
  weight_volume: string;
}
/**
 * One end of the route.
 */
export interface Place {
  /**
   * Street and house, where known.
   */
  address?: string | null;
  /**
   * The city's name; empty when CargoTech does not tell.
   */
  city: string;
  /**
   * Local clock time at the place, `2026-11-25` or `2026-11-25T08:30:00`, without a zone.
   */
  date?: string | null;
}
/**
 * The detail's answer.
 */
export interface CargoDetail {
  cargo: DetailedCargo;
  /**
   * When CargoTech was asked, RFC 3339 in UTC.
   */
  fetched_at: string;
  /**
   * That response was rejected because another driver had the cargo, and nobody has it any more: the caller may respond
   * anew. Only there when it is true.
   */
  freed?: boolean;
  /**
   * What a subscription would add: then that is null or empty in the cargo.
   */
  locked: Feature[];
  response?: ResponseView | null;
}
/**
 * Someone to call.
 */
export interface Contact {
  /**
   * A person or a company.
   */
  name?: string | null;
  /**
   * In E.164, with an extension as in a `tel:` address: `+74951234567;ext=12`. What is no phone number stands as it was
   * written.
   */
  phones: string[];
}
/**
 * The ten further fields of a cargo, less the note, which is shown on its own.
 */
export interface Extra {
  /**
   * What is carried, in the shipper's words.
   */
  custom_cargo_type?: string | null;
  /**
   * The shipper's tax number at the partner.
   */
  external_inn?: string | null;
  /**
   * The partner's own data, as it came.
   */
  integrate?: {} | null;
  /**
   * The partner's contacts, as they came.
   */
  integrate_contacts?: {} | null;
  /**
   * The cargo leaves the partner's archive when it is deleted here.
   */
  is_delete_from_archive: boolean;
  /**
   * A round trip.
   */
  krugoreis: boolean;
  /**
   * CargoTech checked the note.
   */
  note_valid: boolean;
  /**
   * Part of a truck is enough.
   */
  partial_load: boolean;
  /**
   * The cargo at the partner, an `https` address.
   */
  url?: string | null;
}
/**
 * Who ships.
 */
export interface Shipper {
  /**
   * Its tax number.
   */
  inn?: string | null;
  /**
   * The company.
   */
  name?: string | null;
}
/**
 * A response as its driver sees it. Dispatchers' names are not the driver's business.
 */
export interface ResponseView {
  /**
   * The price for which the cargo is carried when the response is accepted, rubles: the driver's own, else the cargo's;
   * null is "on request".
   */
  agreed_price_rub?: number | null;
  cargo: CargoSummary;
  /**
   * CargoTech's id of the cargo.
   */
  cargo_id: string;
  /**
   * RFC 3339 in UTC, as all times here.
   */
  created_at: string;
  /**
   * When it expires if nobody decides.
   */
  expires_at: string;
  /**
   * What happened, oldest first.
   */
  history: StepView[];
  /**
   * A UUID.
   */
  id: string;
  offer: OfferView;
  /**
   * Why it was rejected, if somebody said.
   */
  reason?: string | null;
  status: Status;
  /**
   * When it last changed.
   */
  updated_at: string;
}
/**
 * The cargo as it was when the driver responded: what dispatchers and the driver see of it even when it is gone.
 */
export interface CargoSummary {
  /**
   * When it is loaded: local clock time without a zone.
   */
  from_date?: string | null;
  /**
   * CargoTech's id.
   */
  id: string;
  /**
   * `50 000 ₽`, or `по запросу`.
   */
  price: string;
  /**
   * Rubles; null is "on request".
   */
  price_rub?: number | null;
  /**
   * `Москва → Казань`.
   */
  route: string;
  /**
   * What it is called.
   */
  title: string;
  /**
   * When it is unloaded: local clock time without a zone.
   */
  to_date?: string | null;
  /**
   * `20 т / 82 м³`.
   */
  weight_volume: string;
}
/**
 * One step of the history.
 */
export interface StepView {
  /**
   * When.
   */
  at: string;
  /**
   * `driver`, `dispatcher`, `shipper`, `admin` or `system`.
   */
  by: string;
  status: Status;
}
/**
 * What the driver offered.
 */
export interface OfferView {
  /**
   * What the driver added.
   */
  comment?: string | null;
  /**
   * The driver's name.
   */
  name: string;
  /**
   * E.164.
   */
  phone: string;
  /**
   * Telegram vouched for the phone.
   */
  phone_confirmed: boolean;
  /**
   * The driver's own price, rubles.
   */
  price_rub?: number | null;
}
/**
 * The list's answer.
 */
export interface CargoList {
  /**
   * When CargoTech was asked, RFC 3339 in UTC.
   */
  fetched_at: string;
  /**
   * This page.
   */
  items: Card[];
  /**
   * As asked.
   */
  limit: number;
  /**
   * As asked.
   */
  offset: number;
  /**
   * How many there are in all; null when CargoTech does not say, and then a page shorter than `limit` is the last.
   */
  total?: number | null;
}
/**
 * A check of CargoTech.
 */
export interface CheckView {
  at: string;
  ok: boolean;
}
/**
 * A place that a filter can start or end at.
 */
export interface City {
  /**
   * For `start_point_id` and `finish_point_id`.
   */
  id: number;
  /**
   * In Russian.
   */
  name: string;
  /**
   * For `start_point_type` and `finish_point_type`.
   */
  type: number;
}
/**
 * A day in Moscow.
 */
export interface DayView {
  came?: CameView | null;
  /**
   * `YYYY-MM-DD`.
   */
  date: string;
  deliveries_failed: number;
  drivers_active: number;
  drivers_new: number;
  /**
   * How many of each plan were paid.
   */
  paid: {
    [k: string]: number;
  };
  /**
   * How many came to each status.
   */
  payments: {
    [k: string]: number;
  };
  promo_uses: number;
  refunded_rub: number;
  refunds: number;
  /**
   * How many came to each status.
   */
  responses: {
    [k: string]: number;
  };
  revenue_rub: {
    [k: string]: number;
  };
  /**
   * Trials that began on this day.
   */
  trials: number;
}
/**
 * Who decided on a response, and when.
 */
export interface DecidedView {
  at: string;
  by: ActorView;
}
/**
 * Those who decide, who did most first.
 */
export interface DeciderList {
  /**
   * Always null: they are few.
   */
  cursor?: string | null;
  items: DeciderView[];
}
/**
 * What one who decides did in some days.
 */
export interface DeciderView {
  /**
   * Of a hundred decisions, how many accept; null when there was none.
   */
  accept_percent?: number | null;
  accepted: number;
  /**
   * Seconds that an answer took on the average.
   */
  answer_s?: number | null;
  /**
   * Telegram's id of a dispatcher; null stands for all shippers together.
   */
  id?: number | null;
  name?: string | null;
  rejected: number;
  undone: number;
}
/**
 * A shipper's decision.
 */
export interface DecisionBody {
  /**
   * To accept although others have the cargo: `choices` of the answer `cargo_taken`.
   */
  choices?: number | null;
  /**
   * `accept` or `reject`.
   */
  decision: string;
  /**
   * Why it is rejected; at most 500 characters.
   */
  reason?: string | null;
}
/**
 * What an owner said to a request.
 */
export interface DecisionView {
  at: string;
  by: GiverView;
  /**
   * Confirmed; declined otherwise.
   */
  confirmed: boolean;
  /**
   * Why it was declined.
   */
  reason?: string | null;
}
/**
 * What is left of a driver.
 */
export interface DeletedDriver {
  /**
   * False: there are more responses than one call clears; send it again.
   */
  done: boolean;
  driver: DriverView;
}
/**
 * A driver, as admins see them in a list.
 */
export interface DriverRowView {
  blocked: boolean;
  /**
   * When they first signed in.
   */
  created_at?: string | null;
  /**
   * Empty when the driver's data was deleted.
   */
  first_name: string;
  /**
   * Telegram's id.
   */
  id: number;
  last_name?: string | null;
  /**
   * E.164.
   */
  phone?: string | null;
  /**
   * When they last signed in.
   */
  seen_at?: string | null;
  subscription: SubscriptionBrief;
  /**
   * The bot cannot write to them.
   */
  unreachable: boolean;
  username?: string | null;
}
/**
 * Until when a driver may use what is paid.
 */
export interface SubscriptionBrief {
  expires_at?: string | null;
  /**
   * `none`, `trial`, `active` or `expired`.
   */
  state: string;
}
/**
 * A page of messages.
 */
export interface DeliveryRows {
  /**
   * For the next page; null when there is nothing more.
   */
  cursor?: string | null;
  items: DeliveryView[];
}
/**
 * A message.
 */
export interface DeliveryView {
  /**
   * How often Telegram was asked to take it.
   */
  attempts: number;
  cargo_id?: string | null;
  created_at: string;
  /**
   * The driver whom it concerns.
   */
  driver_id: number;
  /**
   * First and last name, for whoever may see drivers.
   */
  driver_name?: string | null;
  /**
   * When it is to be sent, while it waits.
   */
  due_at?: string | null;
  id: string;
  /**
   * It should have been sent more than a minute ago.
   */
  overdue: boolean;
  /**
   * Why it was skipped or failed, or what went wrong last.
   */
  reason?: string | null;
  /**
   * `waiting`, `sent`, `skipped` or `failed`.
   */
  state: string;
  updated_at: string;
  /**
   * `card` (in the dispatchers' chat), `notice-accepted` and the like, `reason`, `link-1`, `others` and `block` (which
   * send nothing themselves and see to it that other messages are), `paid`, `refunded`, `gift`,
   * `reminder-3` and the like.
   */
  what: string;
}
/**
 * A page of differences, newest first.
 */
export interface DifferenceRows {
  /**
   * For the next page; null when there is nothing more.
   */
  cursor?: string | null;
  items: DifferenceView[];
}
/**
 * A difference between YooKassa and our rows that no rule repairs.
 */
export interface DifferenceView {
  found_at: string;
  id: string;
  /**
   * How often it was met. Ids that YooKassa does not know are one difference a day, which has the first of them.
   */
  met: number;
  /**
   * Our payment, when there is one.
   */
  payment_id?: string | null;
  /**
   * What differs.
   */
  reason: string;
  resolved?: ResolutionView | null;
  /**
   * When it was last met.
   */
  seen_at: string;
  /**
   * `payment` or `refund`.
   */
  what: string;
  yookassa_id: string;
}
/**
 * That somebody has dealt with a difference.
 */
export interface ResolutionView {
  at: string;
  /**
   * Telegram's id of the admin.
   */
  by: number;
  name: string;
  /**
   * What was done.
   */
  note: string;
}
/**
 * Money that went back.
 */
export interface DoneRefund {
  amount_rub: number;
  at: string;
  /**
   * Days of the subscription that were taken back with it.
   */
  days: number;
  /**
   * YooKassa's id.
   */
  id: string;
}
/**
 * A driver, as they see themselves.
 */
export interface Driver {
  company?: string | null;
  email?: string | null;
  first_name: string;
  id: number;
  last_name?: string | null;
  /**
   * E.164.
   */
  phone?: string | null;
  /**
   * Telegram vouched for the phone.
   */
  phone_confirmed: boolean;
  preferences: Preferences;
  username?: string | null;
}
/**
 * What a driver prefers.
 */
export interface Preferences {
  /**
   * The last filters, as the list's query takes them.
   */
  filters?: {} | null;
  /**
   * `ru` or `en`; null follows Telegram's.
   */
  language?: string | null;
}
/**
 * All that is known of a driver.
 */
export interface DriverCardView {
  block?: BlockView | null;
  driver: DriverView;
  features: FeatureView[];
  /**
   * The newest entry first.
   */
  ledger: EntryView[];
  session?: SessionView | null;
  subscription: SubscriptionView;
}
/**
 * A feature, whether the driver may use it now, and why.
 */
export interface FeatureView {
  allowed: boolean;
  feature: Feature;
  rule: Rule;
}
/**
 * An entry of the ledger of a subscription.
 */
export interface EntryView {
  at: string;
  /**
   * That admin's Telegram id.
   */
  by?: number | null;
  /**
   * Given above zero, taken back below.
   */
  days: number;
  /**
   * The end of the subscription after it.
   */
  ends_at: string;
  id: string;
  /**
   * What that admin was called then.
   */
  name?: string | null;
  /**
   * Why an admin gave or took it.
   */
  reason?: string | null;
  /**
   * `payment`, `promo`, `trial`, `gift`, `refund` or `revocation`.
   */
  source: string;
}
/**
 * A session that runs.
 */
export interface SessionView {
  /**
   * An access link opened it.
   */
  by_link: boolean;
  /**
   * When it ends if it is not used.
   */
  expires_at: string;
  /**
   * When the driver signed in through Telegram.
   */
  signed_in_at?: string | null;
}
/**
 * A driver's subscription.
 */
export interface SubscriptionView {
  /**
   * Whole days that are left, rounded up.
   */
  days_left: number;
  expires_at?: string | null;
  /**
   * What the last grant came from: `payment`, `promo`, `trial` or `gift`.
   */
  source?: string | null;
  /**
   * `none`, `trial`, `active` or `expired`.
   */
  state: string;
}
/**
 * A response, as admins see it in a driver's list.
 */
export interface DriverResponse {
  cargo_id: string;
  /**
   * The cargo's price, rubles; null is "on request".
   */
  cargo_price_rub?: number | null;
  created_at: string;
  id: string;
  /**
   * The driver's own price, rubles.
   */
  own_price_rub?: number | null;
  /**
   * The price for which the cargo is carried when the response is accepted: the driver's own, else the cargo's; null is
   * "on request".
   */
  price_rub?: number | null;
  /**
   * Why it was rejected, or its acceptance undone.
   */
  reason?: string | null;
  /**
   * `Москва → Казань`.
   */
  route: string;
  status: Status;
  /**
   * It was accepted, and then that was undone.
   */
  undone: boolean;
  updated_at: string;
}
/**
 * A page of a driver's responses, newest first.
 */
export interface DriverResponses {
  /**
   * For the next page; null on the last.
   */
  cursor?: string | null;
  items: DriverResponse[];
}
/**
 * A page of drivers.
 */
export interface DriverRows {
  /**
   * For the next page; null when there is nothing more. A page of few that fit may end before it is full.
   */
  cursor?: string | null;
  items: DriverRowView[];
}
/**
 * Subscriptions that end on a day in Moscow.
 */
export interface EndsView {
  date: string;
  paid: number;
  trial: number;
}
/**
 * One thing that is wrong with one field.
 */
export interface FieldError {
  /**
   * Stable, for programs: `missing`, `unknown`, `repeated`, `malformed`, `out_of_range`, `too_long`,
   * `refused` (by CargoTech or YooKassa).
   */
  code: string;
  /**
   * The field as the caller wrote it.
   */
  field: string;
  /**
   * What is wrong and what would be right.
   */
  message: string;
}
/**
 * For whom a flag shall be on.
 */
export interface FlagBody {
  /**
   * 1 to 500 ids, with the rule `drivers` alone.
   */
  drivers?: number[] | null;
  /**
   * `on`, `off` or `drivers`.
   */
  rule: string;
  /**
   * The version that was seen.
   */
  version: number;
}
/**
 * All flags.
 */
export interface FlagList {
  items: FlagView[];
  /**
   * Counts changes of settings and flags.
   */
  version: number;
}
/**
 * A flag.
 */
export interface FlagView {
  /**
   * The rule while nobody has set another.
   */
  default: string;
  /**
   * For whom, with the rule `drivers`.
   */
  drivers: number[];
  /**
   * `paid.…`: a subscription is needed for it. `app.…`: it is there at all.
   */
  flag: string;
  /**
   * `on`, `off`, or `drivers`: on for those alone.
   */
  rule: string;
}
/**
 * Settlements, the likeliest or the nearest first.
 */
export interface FoundPlaces {
  items: PlaceView[];
}
/**
 * A settlement.
 */
export interface PlaceView {
  /**
   * ISO 3166-1 alpha-2.
   */
  country: string;
  /**
   * GeoNames' id.
   */
  id: number;
  /**
   * Degrees north.
   */
  lat: number;
  /**
   * Degrees east.
   */
  lon: number;
  /**
   * What it is called in Russian.
   */
  name: string;
  /**
   * What it is called in Latin letters.
   */
  name_en: string;
  /**
   * The nearest large city, for a name that several places have.
   */
  near?: string | null;
  /**
   * By the IANA time zone database.
   */
  timezone: string;
}
/**
 * A gift that waits for an owner, or waited.
 */
export interface GiftRequestView {
  asked_at: string;
  asked_by: GiverView;
  /**
   * Days that shall be given.
   */
  days?: number | null;
  decision?: DecisionView | null;
  driver_id: number;
  /**
   * First and last name; null when nobody knows them any more.
   */
  driver_name?: string | null;
  id: string;
  reason: string;
  /**
   * Or until when, in Moscow's day, the subscription shall last.
   */
  until?: string | null;
}
/**
 * A page of requests, the newest first.
 */
export interface GiftRequests {
  /**
   * For the next page; null when there is nothing more.
   */
  cursor?: string | null;
  items: GiftRequestView[];
}
/**
 * How we are.
 */
export interface Health {
  /**
   * `ok`, `unavailable` (its breaker is open) or `unknown` (the store does not say).
   */
  cargotech: string;
  /**
   * `ok`: requests are served; `degraded`: nothing can be written.
   */
  status: string;
  /**
   * `ok`, `unwritable` or `unavailable`.
   */
  store: string;
  /**
   * Of this build.
   */
  version: string;
}
/**
 * How everything is. What does not say how it is, is null.
 */
export interface HealthView {
  cargotech: UpstreamView;
  jobs: JobView[];
  oldest: OldestView;
  queues: QueueView[];
  secrets: SecretView[];
}
/**
 * The way to CargoTech.
 */
export interface UpstreamView {
  /**
   * `closed` (requests pass), `open` (none does) or `half_open` (one may try).
   */
  breaker: string;
  /**
   * How much of the budget of this moment is used up.
   */
  budget_used_percent: number;
  last_check?: CheckView | null;
  /**
   * How long ago we logged in; null when we have no token.
   */
  token_age_s?: number | null;
}
/**
 * A job.
 */
export interface JobView {
  /**
   * Why its last run failed; null when it did not.
   */
  last_error?: string | null;
  last_ok?: string | null;
  last_started?: string | null;
  name: string;
  /**
   * `ok`, `late` (its last success is older than twice its interval), `failed` or `never`.
   */
  state: string;
}
/**
 * What has waited for the longest, seconds; null when nothing waits.
 */
export interface OldestView {
  /**
   * For how long a message has been due.
   */
  delivery_s?: number | null;
  /**
   * For how long a payment has been open.
   */
  payment_s?: number | null;
}
/**
 * A queue.
 */
export interface QueueView {
  dead_letters?: number | null;
  in_flight?: number | null;
  name: string;
  waiting?: number | null;
}
/**
 * A secret, of which nothing is shown but its age.
 */
export interface SecretView {
  changed_at?: string | null;
  name: string;
  /**
   * It should be changed.
   */
  old: boolean;
}
/**
 * A dictionary's answer.
 */
export interface Items_City {
  /**
   * All that fit.
   *
   * Items: A place that a filter can start or end at.
   */
  items: {
    /**
     * For `start_point_id` and `finish_point_id`.
     */
    id: number;
    /**
     * In Russian.
     */
    name: string;
    /**
     * For `start_point_type` and `finish_point_type`.
     */
    type: number;
  }[];
}
/**
 * A dictionary's answer.
 */
export interface Items_TypeEntry {
  /**
   * All that fit.
   *
   * Items: A truck or load type.
   */
  items: {
    /**
     * For `truck_types` or `load_types`.
     */
    id: number;
    /**
     * In Russian.
     */
    name: string;
    /**
     * Where there is one.
     */
    short_name?: string | null;
  }[];
}
/**
 * A dictionary's answer.
 */
export interface Items_WeightVolume {
  /**
   * All that fit.
   *
   * Items: A category of weight and volume.
   */
  items: {
    /**
     * For `weight_volume`.
     */
    id: string;
    /**
     * In Russian.
     */
    name: string;
  }[];
}
/**
 * Where to go outside the app.
 */
export interface Links {
  /**
   * Opens the app from the bot; `?startapp=cargo_<id>` opens a cargo.
   */
  app_url: string;
  /**
   * The same as it is written: an address, a Telegram name or a phone.
   */
  support_contact: string;
  /**
   * A person who helps: an address, or `tel:` and a phone.
   */
  support_url: string;
}
/**
 * The answer of `GET /api/cargos`, and its age.
 */
export interface ListAtHand {
  /**
   * As `Age`: seconds since CargoTech was asked.
   */
  age_s: number;
  page: CargoList;
}
/**
 * Who the admin is and what they may do.
 */
export interface Me {
  /**
   * Until when they may do what is dangerous without signing in anew.
   */
  fresh_until: string;
  /**
   * Telegram's id.
   */
  id: number;
  name: string;
  permissions: Permission[];
  role: Role;
}
/**
 * What of a profile may be changed; what is absent stays, what is null is cleared.
 */
export interface MeBody {
  company?: string | null;
  email?: string | null;
  phone?: string | null;
  preferences?: {} | null;
}
/**
 * One message.
 */
export interface OneDelivery {
  delivery: DeliveryView;
}
/**
 * One difference.
 */
export interface OneDifference {
  difference: DifferenceView;
}
/**
 * One response.
 */
export interface OneDriverResponse {
  response: DriverResponse;
}
/**
 * One request.
 */
export interface OneGiftRequest {
  request: GiftRequestView;
}
/**
 * One payment.
 */
export interface OnePayment {
  payment: PaymentView;
}
/**
 * A payment, as its driver sees it.
 */
export interface PaymentView {
  /**
   * Rubles.
   */
  amount_rub: number;
  /**
   * Where to pay, while pending.
   */
  confirmation_url?: string | null;
  created_at: string;
  id: string;
  /**
   * The plan's id.
   */
  plan: string;
  /**
   * The plan's name, as it was offered.
   */
  plan_name: string;
  /**
   * Why it was canceled, in YooKassa's codes.
   */
  reason?: string | null;
  /**
   * What became of the receipt: `pending`, `succeeded` or `canceled`.
   */
  receipt?: string | null;
  /**
   * Rubles that went back.
   */
  refunded_rub: number;
  /**
   * `created` (being found out), `pending`, `waiting_for_capture`, `succeeded`, `canceled`, `refused`, `lost`.
   */
  status: string;
  updated_at: string;
}
/**
 * One payment.
 */
export interface OnePaymentDetail {
  payment: PaymentDetail;
}
/**
 * A payment, as admins see it in a list.
 */
export interface PaymentRow {
  /**
   * Rubles.
   */
  amount_rub: number;
  created_at: string;
  driver_id: number;
  /**
   * First and last name, for whoever may see drivers.
   */
  driver_name?: string | null;
  id: string;
  /**
   * The plan's id.
   */
  plan: string;
  plan_name: string;
  /**
   * Why it was canceled, refused or lost.
   */
  reason?: string | null;
  /**
   * `pending`, `succeeded` or `canceled`.
   */
  receipt?: string | null;
  refunded_rub: number;
  /**
   * See the driver's own view.
   */
  status: string;
  updated_at: string;
  yookassa_id?: string | null;
}
/**
 * A step of a payment.
 */
export interface PaymentStep {
  at: string;
  status: string;
}
/**
 * One promo code.
 */
export interface OnePromoCode {
  promo_code: PromoCodeView;
}
/**
 * A promo code.
 */
export interface PromoCodeView {
  action: Action;
  code: string;
  created_at: string;
  /**
   * Telegram's id of the admin.
   */
  created_by: number;
  /**
   * What the admin is called, in a list and for whoever may see drivers.
   */
  created_by_name?: string | null;
  days: number;
  enabled: boolean;
  max_uses: number;
  /**
   * Whether anybody can use it now: `works`, `off`, `early`, `ended` or `used_up`.
   */
  state: string;
  uses: number;
  valid_from?: string | null;
  valid_until?: string | null;
}
/**
 * One response.
 */
export interface OneResponseDetail {
  response: ResponseDetail;
}
/**
 * A response in the list of all.
 */
export interface ResponseRow {
  /**
   * Seconds from when the dispatchers had it to the first decision.
   */
  answered_after_s?: number | null;
  cargo_id: string;
  created_at: string;
  decided?: DecidedView | null;
  driver_id: number;
  /**
   * As the driver was called then; null when their data was deleted.
   */
  driver_name?: string | null;
  id: string;
  /**
   * The price for which the cargo is carried when the response is accepted; null is "on request".
   */
  price_rub?: number | null;
  /**
   * `Москва → Казань`.
   */
  route: string;
  status: Status;
  /**
   * It was accepted, and then that was undone.
   */
  undone: boolean;
  updated_at: string;
}
/**
 * A step of a response.
 */
export interface ResponseStep {
  at: string;
  by: ActorView;
  status: Status;
}
/**
 * One of them.
 */
export interface OneRole {
  item: RoleView;
}
/**
 * Somebody who has a role.
 */
export interface RoleView {
  /**
   * An owner whom the configuration names; only a deployment changes that.
   */
  configured: boolean;
  /**
   * Telegram's id.
   */
  driver_id: number;
  given_at?: string | null;
  given_by?: GiverView | null;
  /**
   * Empty when they never opened the app.
   */
  name: string;
  role: Role;
}
/**
 * The shop after a change.
 */
export interface OneShop {
  yookassa: ShopView;
}
/**
 * The subscription after an order.
 */
export interface OrderedSubscription {
  /**
   * Seconds that were given; taken back below zero.
   */
  seconds: number;
  subscription: SubscriptionView;
}
/**
 * The numbers.
 */
export interface OverviewView {
  days: DayView[];
  plans: PlanName[];
  /**
   * Requests that wait for an owner.
   */
  requests: number;
  subscriptions: RunningView;
  totals: TotalsView;
  upstream: UpstreamState;
}
/**
 * A plan that is offered now.
 */
export interface PlanName {
  id: string;
  name: string;
}
/**
 * Subscriptions that run, as their list has them at this moment, and by the day on which they end: today's has those too that
 * have ended already.
 */
export interface RunningView {
  by_day: EndsView[];
  ending_3_days: number;
  ending_7_days: number;
  paid: number;
  trial: number;
}
/**
 * All these days together.
 */
export interface TotalsView {
  conversion: ConversionView;
  /**
   * Messages that failed and still stand so, as their list has them.
   */
  deliveries_failed: number;
  /**
   * As the list of drivers has them: who was deleted meanwhile is not among them.
   */
  drivers_new: number;
  paid: number;
  refunded_rub: number;
  refunds: number;
  /**
   * Responses that were given.
   */
  responses: number;
  revenue_rub: number;
}
/**
 * The way to CargoTech in a word.
 */
export interface UpstreamState {
  breaker: string;
  budget_used_percent: number;
  /**
   * `ok`, `degraded` or `down`.
   */
  state: string;
}
/**
 * What an order takes.
 */
export interface PaymentBody {
  /**
   * Where the receipt goes; needed when receipts are made out.
   */
  email?: string | null;
  /**
   * A plan's id.
   */
  plan: string;
  /**
   * `telegram` (as it is) leads back into the Mini App after paying, `browser` into the page.
   */
  return_to?: string | null;
}
/**
 * A page of payments, newest first.
 */
export interface PaymentList {
  /**
   * For the next page; null on the last.
   */
  cursor?: string | null;
  items: PaymentView[];
}
/**
 * A page of payments, newest first; by when they were paid, if days of that are asked for.
 */
export interface PaymentRows {
  /**
   * For the next page; null when there is nothing more.
   */
  cursor?: string | null;
  items: PaymentRow[];
  /**
   * When the last one was ordered that was looked at: a page of few that fit may end before it is full.
   */
  reached?: string | null;
  totals?: PaymentTotalsView | null;
}
/**
 * What was paid and went back in the days that were asked for, whenever it was ordered.
 */
export interface PaymentTotalsView {
  amount_rub: number;
  count: number;
  refunded_rub: number;
}
/**
 * One plan.
 */
export interface PlanView {
  days: number;
  id: string;
  name: string;
  /**
   * Rubles a day.
   */
  price_per_day_rub: number;
  /**
   * Rubles.
   */
  price_rub: number;
  /**
   * How much less it costs than the same days of the first plan.
   */
  saving_percent: number;
}
/**
 * What can be bought.
 */
export interface Plans {
  /**
   * Whether an order needs an e-mail for the receipt.
   */
  email_needed: boolean;
  items: PlanView[];
  /**
   * Whether payments are on.
   */
  payments: boolean;
}
/**
 * `application/problem+json` (RFC 9457).
 */
export interface Problem {
  /**
   * For `cargo_taken`: what the drivers are called who were accepted; empty for one whose data was deleted.
   */
  accepted?: string[] | null;
  /**
   * For 401: the link that opens the app from the bot.
   */
  app_url?: string | null;
  /**
   * For `cargo_taken`: to be sent back by whoever accepts one more.
   */
  choices?: number | null;
  /**
   * Stable, for programs.
   */
  code: string;
  /**
   * What went wrong and what the caller can do.
   */
  detail: string;
  /**
   * For `validation_failed`: what is wrong, each with its field; of very many the first twenty.
   */
  errors?: FieldError[] | null;
  feature?: Feature | null;
  /**
   * For `cargo_changed`: the price now, rubles; null is "on request".
   */
  price_rub?: number | null;
  /**
   * The request, for support.
   */
  request_id: string;
  response?: ResponseView | null;
  /**
   * The HTTP status.
   */
  status: number;
  /**
   * The status in words.
   */
  title: string;
  /**
   * Always `about:blank`: the title is the status, the code says more.
   */
  type: string;
}
/**
 * What can be changed of a promo code.
 */
export interface PromoChangeBody {
  enabled?: boolean | null;
  /**
   * At least as often as it was used.
   */
  max_uses?: number | null;
  /**
   * Null: it has no end.
   */
  valid_until?: string | null;
}
/**
 * A promo code to be made.
 */
export interface PromoCodeBody {
  action: Action;
  /**
   * 3 to 32 Latin letters and digits; null has one made that is hard to guess and easy to read out.
   */
  code?: string | null;
  /**
   * 1 to 3650.
   */
  days: number;
  /**
   * True if it is absent.
   */
  enabled?: boolean | null;
  /**
   * How often it can be redeemed in all.
   */
  max_uses: number;
  valid_from?: string | null;
  valid_until?: string | null;
}
/**
 * Promo codes, the newest first.
 */
export interface PromoCodes {
  /**
   * For the next page; null when there is nothing more.
   */
  cursor?: string | null;
  items: PromoCodeView[];
}
/**
 * A use of a promo code.
 */
export interface PromoUseView {
  at: string;
  driver_id: number;
  /**
   * First and last name, for whoever may see drivers.
   */
  driver_name?: string | null;
}
/**
 * Uses of a promo code, the last first.
 */
export interface PromoUses {
  /**
   * For the next page; null when there is nothing more.
   */
  cursor?: string | null;
  items: PromoUseView[];
}
/**
 * Why something is done.
 */
export interface ReasonBody {
  /**
   * At most 250 characters.
   */
  reason: string;
}
/**
 * A promo code to be redeemed.
 */
export interface RedeemBody {
  /**
   * As it was given; case, spaces and dashes do not matter.
   */
  code: string;
}
/**
 * What a promo code gave.
 */
export interface RedeemedView {
  days_added: number;
  subscription: SubscriptionView;
}
/**
 * A new token for the same session.
 */
export interface Refreshed {
  /**
   * When the session ends if it is not used.
   */
  expires_at: string;
  /**
   * For `Authorization: Bearer`.
   */
  session_token: string;
}
/**
 * A payment and the refund that was asked for.
 */
export interface RefundAnswer {
  payment: PaymentDetail;
  refund: AskedRefundView;
}
/**
 * What a refund takes.
 */
export interface RefundBody {
  /**
   * Rubles; null is all that is left.
   */
  amount_rub?: number | null;
  /**
   * Where the receipt of a part goes; null is the address of the driver's profile.
   */
  email?: string | null;
  /**
   * At most 250 characters; the driver's bank may show it.
   */
  reason: string;
}
/**
 * What is said of a difference that has been dealt with.
 */
export interface ResolveBody {
  /**
   * What was done, for whoever asks later.
   */
  note: string;
}
/**
 * What a response takes.
 */
export interface RespondBody {
  /**
   * At most 500 characters.
   */
  comment?: string | null;
  /**
   * The profile's if it is absent; at most 100 characters.
   */
  name?: string | null;
  /**
   * The profile's if it is absent; any common way to write a number.
   */
  phone?: string | null;
  /**
   * The driver's own price, rubles.
   */
  price_rub?: number | null;
  /**
   * The price that the driver was shown, 0 for "on request": another one now is answered with `cargo_changed`.
   */
  seen_price_rub?: number | null;
}
/**
 * A response.
 */
export interface Responded {
  response: ResponseView;
}
/**
 * A page of responses, newest first.
 */
export interface ResponseList {
  /**
   * For the next page; null on the last.
   */
  cursor?: string | null;
  items: ResponseView[];
}
/**
 * A page of responses, the newest first.
 */
export interface ResponseRows {
  /**
   * For the next page; null when there is nothing more.
   */
  cursor?: string | null;
  items: ResponseRow[];
  /**
   * When the last one was given that was looked at: a page of few that fit may end before it is full.
   */
  reached?: string | null;
}
/**
 * A role to be given.
 */
export interface RoleBody {
  role: Role;
}
/**
 * Everybody who has a role.
 */
export interface RoleList {
  /**
   * Always null: they are few.
   */
  cursor?: string | null;
  items: RoleView[];
}
/**
 * A change of settings.
 */
export interface SettingsBody {
  payments_on?: boolean | null;
  plans?: SetPlan[] | null;
  receipts?: Receipts | null;
  response_expiry_hours?: number | null;
  support_contact?: string | null;
  trial_days?: number | null;
  /**
   * The version that was seen.
   */
  version: number;
}
/**
 * What a shipper sees of the driver.
 */
export interface ShipperDriver {
  name: string;
  /**
   * E.164; null unless the response was accepted by this link.
   */
  phone?: string | null;
}
/**
 * What a shipper sees of a response.
 */
export interface ShipperView {
  /**
   * The price for which the cargo is carried when the response is accepted: the driver's own, else the cargo's; null is
   * "on request".
   */
  agreed_price_rub?: number | null;
  cargo: CargoSummary;
  /**
   * What the driver added.
   */
  comment?: string | null;
  driver: ShipperDriver;
  /**
   * When it can no longer be decided on.
   */
  expires_at: string;
  /**
   * The driver's own price, rubles.
   */
  price_rub?: number | null;
  /**
   * Why it was rejected, if somebody said.
   */
  reason?: string | null;
  status: Status;
  /**
   * It was accepted, and then that was undone.
   */
  undone: boolean;
}
/**
 * Another shop or key.
 */
export interface ShopBody {
  secret_key: string;
  shop_id: string;
}
/**
 * What a sign-in gives.
 */
export interface SignIn {
  /**
   * The driver is blocked: only their profile, subscription and payments can be seen.
   */
  blocked: boolean;
  driver: SignedInDriver;
  /**
   * When the session ends if it is not used.
   */
  expires_at: string;
  /**
   * What they may use now.
   */
  features: {
    [k: string]: boolean;
  };
  /**
   * The flags that are on for them.
   */
  flags: string[];
  links: Links;
  list?: ListAtHand | null;
  /**
   * For `Authorization: Bearer`.
   */
  session_token: string;
  subscription: SubscriptionView;
}
/**
 * What a sign-in takes.
 */
export interface SignInBody {
  admin?: Seat | null;
  /**
   * Its hash, if it comes apart.
   */
  hash?: string | null;
  /**
   * As Telegram launched the app with it, unchanged. Also accepted as `initData`.
   */
  init_data: string;
  /**
   * The query of `GET /api/cargos` that would come next. What cannot be read, or is not at hand, is not answered.
   */
  search?: string | null;
}
/**
 * A change of a subscription.
 */
export interface SubscriptionBody {
  /**
   * `gift`, `extend` or `revoke`.
   */
  action: string;
  /**
   * To give, or to take back as far as they are left: 1 to 3650.
   */
  days?: number | null;
  /**
   * At most 250 characters.
   */
  reason: string;
  /**
   * The last day, as Moscow counts, to whose end it is extended.
   */
  until?: string | null;
}
/**
 * A page of subscriptions: those that run, the first to end first; else the last to end first.
 */
export interface SubscriptionRows {
  /**
   * For the next page; null when there is nothing more.
   */
  cursor?: string | null;
  items: SubscriptionRow[];
  /**
   * The end of the last one that was looked at: a page of few that fit may end before it is full.
   */
  reached?: string | null;
}
/**
 * A truck or load type.
 */
export interface TypeEntry {
  /**
   * For `truck_types` or `load_types`.
   */
  id: number;
  /**
   * In Russian.
   */
  name: string;
  /**
   * Where there is one.
   */
  short_name?: string | null;
}
/**
 * A category of weight and volume.
 */
export interface WeightVolume {
  /**
   * For `weight_volume`.
   */
  id: string;
  /**
   * In Russian.
   */
  name: string;
}
