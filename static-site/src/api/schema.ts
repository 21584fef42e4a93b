// Written by `npm run api-types` from openapi.yaml.

/**
 * The effect of a promo code.
 */
export type Action = 'extend' | 'trial';
/**
 * The device that the admin page is open on.
 */
export type Seat = 'phone' | 'desk';
/**
 * A cargo with all its details.
 */
export type DetailedCargo = Card & {
  /**
   * What is carried; null if unknown.
   */
  cargo_type?: string | null;
  /**
   * Contacts; null if they are locked.
   */
  contacts?: Contact[] | null;
  extra: Extra;
  /**
   * The shipper's comment; null if there is none or it is locked.
   */
  note?: string | null;
  shipper?: Shipper | null;
};
/**
 * A feature that can require a subscription.
 */
export type Feature = 'list' | 'detail' | 'contacts' | 'respond' | 'alerts';
/**
 * The status of a response.
 */
export type Status = 'queued' | 'sent' | 'accepted' | 'rejected' | 'expired' | 'completed' | 'withdrawn';
/**
 * Who answered a search.
 */
export type Source = 'market' | 'cargotech';
/**
 * Conversion so far of the drivers whose trial began in these days.
 */
export type ConversionView = CameView & {
  /**
   * Drivers whose trial began on a day from which trials may still be active: too early to tell.
   */
  too_early: number;
  /**
   * Drivers among `too_early` who have already paid.
   */
  too_early_paid: number;
  /**
   * Drivers whose trial has ended.
   */
  trials: number;
};
/**
 * A driver with their profile.
 */
export type DriverView = DriverRowView & {
  company?: string | null;
  /**
   * When the driver's data was deleted; null if it was not.
   */
  deleted_at?: string | null;
  email?: string | null;
  /**
   * `ru` or `en`; null if the driver never chose.
   */
  language?: string | null;
  /**
   * Whether Telegram confirmed the phone.
   */
  phone_confirmed: boolean;
};
/**
 * Why a driver may or may not use a feature.
 */
export type Rule = 'blocked' | 'flag' | 'free' | 'subscription' | 'no_subscription';
/**
 * A permission that a route of the admin API requires.
 */
export type Permission =
  | 'see_drivers'
  | 'block_drivers'
  | 'delete_drivers'
  | 'accept_market'
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
 * The role of an admin.
 */
export type Role = 'owner' | 'support' | 'marketing' | 'readonly';
/**
 * All details of a payment.
 */
export type PaymentDetail = PaymentRow & {
  /**
   * YooKassa's last answer that changed something; null if none.
   */
  answer?: {} | null;
  asked_refunds: AskedRefundView[];
  history: PaymentStep[];
  /**
   * Amount that can still be refunded, rubles.
   */
  refundable_rub: number;
  refunds: DoneRefund[];
  /**
   * The request sent to YooKassa, without the driver's e-mail and IP address.
   */
  request: {};
};
/**
 * All details of a response.
 */
export type ResponseDetail = ResponseRow & {
  cargo_price_rub?: number | null;
  comment?: string | null;
  expires_at: string;
  from_date?: string | null;
  /**
   * Whether there is a link for the shipper that was not revoked.
   */
  has_link: boolean;
  history: ResponseStep[];
  own_price_rub?: number | null;
  /**
   * Phone in E.164; null if the driver's data was deleted.
   */
  phone?: string | null;
  phone_confirmed: boolean;
  /**
   * Why it was rejected or its acceptance undone; null without a reason.
   */
  reason?: string | null;
  reason_by?: ActorView | null;
  /**
   * Name of the cargo.
   */
  title: string;
  to_date?: string | null;
  weight_volume: string;
};
/**
 * The driver's subscription and what it allows.
 */
export type OwnAccess = SubscriptionView & {
  /**
   * Whether the driver is blocked. A blocked driver can only read their profile, subscription and payments.
   */
  blocked: boolean;
  /**
   * Each feature, and whether the driver may use it now.
   */
  features: {
    [k: string]: boolean;
  };
  /**
   * Flags that are on for the driver. A feature whose `app.` flag is off is hidden and refused with `feature_off`.
   */
  flags: string[];
};
/**
 * The driver who signed in.
 */
export type SignedInDriver = Driver & {
  /**
   * Admin roles; empty for everyone else.
   */
  roles: Role[];
};
/**
 * A subscription in the list for admins.
 */
export type SubscriptionRow = SubscriptionView & {
  /**
   * Telegram id.
   */
  driver_id: number;
  /**
   * First and last name; null if unknown or if the caller may not see drivers.
   */
  driver_name?: string | null;
  /**
   * Number of payments that extended it.
   */
  payments: number;
};

export interface Schemas {
  AcceptedSizeBody: AcceptedSizeBody;
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
  CardMarket: CardMarket;
  CardProfit: CardProfit;
  CargoDetail: CargoDetail;
  CargoList: CargoList;
  CargoSummary: CargoSummary;
  ChainList: ChainList;
  ChainView: ChainView;
  CheckView: CheckView;
  City: City;
  Contact: Contact;
  ConversionView: ConversionView;
  DayFacet: DayFacet;
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
  Facets: Facets;
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
  MarketView: MarketView;
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
  OneSearch: OneSearch;
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
  PlaceFacet: PlaceFacet;
  PlaceView: PlaceView;
  PlanName: PlanName;
  PlanView: PlanView;
  Plans: Plans;
  Preferences: Preferences;
  PriceChange: PriceChange;
  PriceFacet: PriceFacet;
  Problem: Problem;
  ProfitView: ProfitView;
  PromoChangeBody: PromoChangeBody;
  PromoCodeBody: PromoCodeBody;
  PromoCodeView: PromoCodeView;
  PromoCodes: PromoCodes;
  PromoUseView: PromoUseView;
  PromoUses: PromoUses;
  QueueView: QueueView;
  RateView: RateView;
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
  RideView: RideView;
  Role: Role;
  RoleBody: RoleBody;
  RoleList: RoleList;
  RoleView: RoleView;
  Rule: Rule;
  RunningView: RunningView;
  SearchBody: SearchBody;
  SearchList: SearchList;
  SearchView: SearchView;
  Seat: Seat;
  SecretView: SecretView;
  SessionView: SessionView;
  SetPlan: SetPlan;
  SetTariff: SetTariff;
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
  Source: Source;
  Status: Status;
  StepView: StepView;
  SubscriptionBody: SubscriptionBody;
  SubscriptionBrief: SubscriptionBrief;
  SubscriptionRow: SubscriptionRow;
  SubscriptionRows: SubscriptionRows;
  SubscriptionView: SubscriptionView;
  TermView: TermView;
  TotalsView: TotalsView;
  TripView: TripView;
  Truck: Truck;
  TypeEntry: TypeEntry;
  TypeFacet: TypeFacet;
  UpstreamState: UpstreamState;
  UpstreamView: UpstreamView;
  WeightVolume: WeightVolume;
  WorthView: WorthView;
}
/**
 * The acceptance of a smaller market.
 */
export interface AcceptedSizeBody {
  /**
   * The number of cargos that the market may have become: `refused_size` of the market.
   */
  size: number;
}
/**
 * The driver's access link.
 */
export interface AccessLink {
  /**
   * URL that opens the app in an ordinary browser while a subscription is active.
   */
  url: string;
}
/**
 * A sign-in with an access token.
 */
export interface AccessTokenBody {
  /**
   * The part of the link after `#/access/`.
   */
  access_token: string;
}
/**
 * The actor of a step of a response.
 */
export interface ActorView {
  /**
   * Telegram id of a dispatcher or admin; null for others.
   */
  id?: number | null;
  /**
   * Who acted: `driver`, `dispatcher`, `shipper`, `admin` or `system`.
   */
  kind: string;
  /**
   * Name; null if unknown or no longer stored.
   */
  name?: string | null;
}
/**
 * The device that opens the admin page.
 */
export interface AdminSignInBody {
  admin: Seat;
}
/**
 * All settings.
 */
export interface AllSettings {
  settings: SettingsView;
  /**
   * Version of the settings and flags; each change increments it.
   */
  version: number;
  yookassa: ShopView;
}
/**
 * The settings.
 */
export interface SettingsView {
  /**
   * Whether payments are enabled.
   */
  payments_on: boolean;
  /**
   * The plans on sale, 1 to 12.
   */
  plans: SetPlan[];
  receipts?: Receipts | null;
  /**
   * Hours until a response expires, 1 to 168; applies to new responses.
   */
  response_expiry_hours: number;
  /**
   * Support contact: `@name`, a phone in E.164 or an https URL.
   */
  support_contact: string;
  /**
   * What the profit of a cargo is worked out with, by kind and day.
   */
  tariffs: SetTariff[];
  /**
   * Length of a trial, days: 0 to 90.
   */
  trial_days: number;
}
/**
 * A plan in the settings.
 */
export interface SetPlan {
  /**
   * Days of subscription, 1 to 3650.
   */
  days: number;
  /**
   * Id: 1 to 8 characters of a-z and 0-9.
   */
  id: string;
  name: string;
  /**
   * Price, rubles: 1 to 1000000.
   */
  price_rub: number;
}
/**
 * Parameters of receipts, with the names and codes of 54-FZ.
 */
export interface Receipts {
  /**
   * Measure, such as `piece`.
   */
  measure: string;
  /**
   * Mode of the payment, such as `full_payment`.
   */
  payment_mode: string;
  /**
   * Subject of the payment, such as `service`.
   */
  payment_subject: string;
  /**
   * Tax system, 1 to 6; only if the till requires it.
   */
  tax_system_code?: number | null;
  /**
   * VAT code, 1 to 12; 1 is without VAT.
   */
  vat_code: number;
}
/**
 * A tariff that holds from a day until the next one of its kind.
 */
export interface SetTariff {
  /**
   * First day, YYYY-MM-DD.
   */
  from: string;
  /**
   * Whether the exact value is not confirmed.
   */
  is_estimate: boolean;
  /**
   * `platon` (rubles per kilometre), `diesel` (rubles per litre), `vat` or `profit_tax` (percent).
   */
  kind: string;
  /**
   * Where it is published.
   */
  source: string;
  /**
   * Rubles or percent, 0 to 1000, at most two decimals.
   */
  value: number;
}
/**
 * Our shop at YooKassa. Its key is never shown.
 */
export interface ShopView {
  /**
   * When the shop or its key last changed; null if unknown.
   */
  changed_at?: string | null;
  /**
   * Id of the shop.
   */
  shop_id: string;
}
/**
 * A refund requested by an admin.
 */
export interface AskedRefundView {
  /**
   * Telegram id of the admin who requested it.
   */
  admin_id: number;
  admin_name?: string | null;
  /**
   * Amount, rubles.
   */
  amount_rub: number;
  asked_at: string;
  /**
   * Why it was canceled or refused; null otherwise.
   */
  cancellation?: string | null;
  id: string;
  reason: string;
  /**
   * `created` (not yet confirmed by YooKassa), `pending`, `succeeded`, `canceled`, `refused` or `lost`.
   */
  status: string;
  updated_at: string;
  /**
   * Id at YooKassa; null if there is none yet.
   */
  yookassa_id?: string | null;
}
/**
 * An entry of the audit log.
 */
export interface AuditView {
  actor?: GiverView | null;
  address?: string | null;
  after?: {} | null;
  /**
   * Time, RFC 3339 in UTC.
   */
  at: string;
  before?: {} | null;
  by?: ByView | null;
  /**
   * Telegram id of the driver it concerns.
   */
  driver_id?: number | null;
  /**
   * First and last name; null if unknown or if the caller may not see drivers.
   */
  driver_name?: string | null;
  /**
   * Further facts, as text by name.
   */
  facts: {
    [k: string]: string;
  };
  id: string;
  /**
   * Kind of the entry, such as `refund`, `settings` or `admin_access`.
   */
  kind: string;
  /**
   * Outcome, such as `ok`, `changed` or `refused`.
   */
  outcome: string;
  /**
   * Id of the request that caused it.
   */
  request_id: string;
  /**
   * Target of the action, such as `payment/1c3f…`.
   */
  target?: string | null;
  user_agent?: string | null;
}
/**
 * The admin who acted, with their name at the time.
 */
export interface GiverView {
  id: number;
  name: string;
}
/**
 * The person who acted.
 */
export interface ByView {
  /**
   * Telegram id; null for a shipper.
   */
  id?: number | null;
  /**
   * Who acted: `admin`, `dispatcher`, `shipper` or `driver`.
   */
  kind: string;
  /**
   * An admin's name at the time, anyone else's current name; null if unknown.
   */
  name?: string | null;
}
/**
 * A page of the audit log, newest first.
 */
export interface AuditViews {
  /**
   * Cursor of the next page; null on the last page.
   */
  cursor?: string | null;
  items: AuditView[];
  /**
   * How far back the search went, RFC 3339 in UTC. When few entries match, a page may end before `limit`.
   */
  reached?: string | null;
}
/**
 * The block after a change.
 */
export interface BlockAnswer {
  block?: BlockView | null;
}
/**
 * The block of a driver.
 */
export interface BlockView {
  at: string;
  /**
   * Telegram id of the admin.
   */
  by: number;
  /**
   * The admin's name at the time.
   */
  name: string;
  reason: string;
}
/**
 * Blocks or unblocks a driver.
 */
export interface BlockBody {
  blocked: boolean;
  /**
   * Reason; at most 250 characters.
   */
  reason: string;
}
/**
 * Outcomes so far of the drivers whose trial began in a period. Each driver is counted once.
 */
export interface CameView {
  /**
   * Other drivers who were given days.
   */
  gift: number;
  /**
   * Drivers who paid at least once and were not fully refunded.
   */
  paid: number;
  /**
   * Other drivers who redeemed a promo code.
   */
  promo: number;
}
/**
 * A cargo in the list.
 */
export interface Card {
  /**
   * Estimated distance by road to the loading place from the settlement where the search starts, kilometres; null
   * within it, and unless the search starts from one settlement.
   */
  deadhead_km?: number | null;
  display: Display;
  /**
   * Whether the distance is an estimate, a quarter more than as the crow flies.
   */
  distance_is_estimated: boolean;
  /**
   * Distance by road, kilometres; null if unknown.
   */
  distance_km?: number | null;
  /**
   * When the market first had the cargo, RFC 3339 in UTC; null if CargoTech was asked instead, or if the market's first
   * sweep found it.
   */
  first_seen_at?: string | null;
  from: Place;
  /**
   * CargoTech's id.
   */
  id: string;
  /**
   * Names of the load types.
   */
  load_types: string[];
  market?: CardMarket | null;
  price_change?: PriceChange | null;
  /**
   * Price per kilometre, rubles; null without a price or a distance.
   */
  price_per_km_rub?: number | null;
  /**
   * Price, rubles; null means "on request".
   */
  price_rub?: number | null;
  profit?: CardProfit | null;
  /**
   * Name of the cargo, or else what is carried.
   */
  title: string;
  to: Place;
  /**
   * Names of the suitable truck types.
   */
  truck_types: string[];
  /**
   * Volume, cubic metres; null if unknown.
   */
  volume_m3?: number | null;
  /**
   * Weight, kilograms; null if unknown.
   */
  weight_kg?: number | null;
}
/**
 * Ready-made texts of a cargo, in Russian.
 */
export interface Display {
  /**
   * Such as `50 000 ₽`, or `по запросу`.
   */
  price: string;
  /**
   * Such as `Москва → Казань`.
   */
  route: string;
  /**
   * Such as `20 т / 82 м³`.
   */
  weight_volume: string;
}
/**
 * One end of the route.
 */
export interface Place {
  /**
   * Street and house; null if unknown.
   */
  address?: string | null;
  /**
   * Name of the city; empty if CargoTech does not report it.
   */
  city: string;
  /**
   * Name of the settlement in Latin letters; null if it is not known.
   */
  city_en?: string | null;
  /**
   * Local time at the place without a zone, such as `2026-11-25` or `2026-11-25T08:30:00`; null if unknown.
   */
  date?: string | null;
  /**
   * The settlement, as in `/api/places`; null if it is not among them.
   */
  place_id?: number | null;
}
/**
 * How a cargo pays beside similar open cargos.
 */
export interface CardMarket {
  /**
   * The number of similar cargos.
   */
  count: number;
  /**
   * By how many percent its price per kilometre is above the median; negative if it is below.
   */
  percent: number;
}
/**
 * A change of a cargo's price.
 */
export interface PriceChange {
  /**
   * When it was noticed, RFC 3339 in UTC.
   */
  at: string;
  /**
   * The price before, rubles; null means "on request".
   */
  from_rub?: number | null;
}
/**
 * What a cargo leaves the driver, with the costs of their truck or of an assumed one. `/api/cargos/{id}/worth` has the
 * terms.
 */
export interface CardProfit {
  /**
   * Whole rubles.
   */
  net_rub: number;
  /**
   * Whole rubles a day.
   */
  per_day_rub: number;
}
/**
 * A cargo and what concerns the caller.
 */
export interface CargoDetail {
  cargo: DetailedCargo;
  /**
   * When the data was fetched from CargoTech, RFC 3339 in UTC.
   */
  fetched_at: string;
  /**
   * True if the caller may respond again: the response was rejected in favour of another driver, who no longer has
   * the cargo. Otherwise absent.
   */
  freed?: boolean;
  /**
   * Features that a subscription would unlock. Their fields are null or empty in `cargo`.
   */
  locked: Feature[];
  response?: ResponseView | null;
}
/**
 * A contact person or company.
 */
export interface Contact {
  /**
   * Name of the person or company; null if unknown.
   */
  name?: string | null;
  /**
   * Phones in E.164, with any extension as in a `tel:` URI: `+74951234567;ext=12`. Text that is not a phone number
   * stays as written.
   */
  phones: string[];
}
/**
 * Nine of CargoTech's ten additional fields of a cargo. The tenth is the `note` of the cargo.
 */
export interface Extra {
  /**
   * What is carried, in the shipper's words.
   */
  custom_cargo_type?: string | null;
  /**
   * The shipper's tax number in the partner's system.
   */
  external_inn?: string | null;
  /**
   * The partner's own data, unchanged.
   */
  integrate?: {} | null;
  /**
   * The partner's contacts, unchanged.
   */
  integrate_contacts?: {} | null;
  /**
   * Whether deleting the cargo at CargoTech also removes it from the partner's archive.
   */
  is_delete_from_archive: boolean;
  /**
   * Whether it is a round trip.
   */
  krugoreis: boolean;
  /**
   * Whether CargoTech checked the note.
   */
  note_valid: boolean;
  /**
   * Whether part of a truck is enough.
   */
  partial_load: boolean;
  /**
   * `https` URL of the cargo in the partner's system.
   */
  url?: string | null;
}
/**
 * The shipper.
 */
export interface Shipper {
  /**
   * Tax number (INN) of the company; null if unknown.
   */
  inn?: string | null;
  /**
   * Name of the company; null if unknown.
   */
  name?: string | null;
}
/**
 * A response as its driver sees it, without the names of dispatchers.
 */
export interface ResponseView {
  /**
   * Price agreed by accepting the response, rubles: the driver's own, else the cargo's; null means "on request".
   */
  agreed_price_rub?: number | null;
  cargo: CargoSummary;
  /**
   * CargoTech's id of the cargo.
   */
  cargo_id: string;
  /**
   * Creation time, RFC 3339 in UTC, as all times here.
   */
  created_at: string;
  /**
   * When it expires if no one decides.
   */
  expires_at: string;
  /**
   * Steps of the response, oldest first.
   */
  history: StepView[];
  /**
   * A UUID.
   */
  id: string;
  offer: OfferView;
  /**
   * Why it was rejected; null without a reason.
   */
  reason?: string | null;
  status: Status;
  /**
   * When it last changed.
   */
  updated_at: string;
}
/**
 * The cargo as it was when the driver responded. Dispatchers and the driver still see it after the cargo is gone.
 */
export interface CargoSummary {
  /**
   * Loading time: local time without a zone; null if unknown.
   */
  from_date?: string | null;
  /**
   * CargoTech's id.
   */
  id: string;
  /**
   * Such as `50 000 ₽`, or `по запросу`.
   */
  price: string;
  /**
   * Price, rubles; null means "on request".
   */
  price_rub?: number | null;
  /**
   * Such as `Москва → Казань`.
   */
  route: string;
  /**
   * Name of the cargo.
   */
  title: string;
  /**
   * Unloading time: local time without a zone; null if unknown.
   */
  to_date?: string | null;
  /**
   * Such as `20 т / 82 м³`.
   */
  weight_volume: string;
}
/**
 * A step of a response.
 */
export interface StepView {
  /**
   * When it happened.
   */
  at: string;
  /**
   * Who acted: `driver`, `dispatcher`, `shipper`, `admin` or `system`.
   */
  by: string;
  status: Status;
}
/**
 * What the driver offered.
 */
export interface OfferView {
  /**
   * The driver's comment.
   */
  comment?: string | null;
  /**
   * The driver's name.
   */
  name: string;
  /**
   * Phone in E.164.
   */
  phone: string;
  /**
   * Whether Telegram confirmed the phone.
   */
  phone_confirmed: boolean;
  /**
   * The driver's own price, rubles; null if none was offered.
   */
  price_rub?: number | null;
}
/**
 * A page of cargos.
 */
export interface CargoList {
  /**
   * `cursor` of the next page; null on the last.
   */
  cursor?: string | null;
  /**
   * When the data was fetched from CargoTech, RFC 3339 in UTC.
   */
  fetched_at: string;
  /**
   * The cargos of this page.
   */
  items: Card[];
  /**
   * `limit` of the request.
   */
  limit: number;
  /**
   * `offset` of the request; 0 with a cursor.
   */
  offset: number;
  source: Source;
  /**
   * Total number of matches; null if CargoTech does not report it. Then a page shorter than `limit` is the last.
   */
  total?: number | null;
}
/**
 * Chains of cargos, the best first.
 */
export interface ChainList {
  /**
   * When the truck is empty, local time at the unloading; null if the cargo has no day of loading, no distance or no
   * known places. Then there are no chains.
   */
  empty_at?: string | null;
  /**
   * At most ten.
   */
  items: ChainView[];
  /**
   * Whether the chains lead to the home of the driver's truck.
   */
  leads_home: boolean;
}
/**
 * Cargos that the truck can carry one after the other.
 */
export interface ChainView {
  /**
   * One to four cargos in order.
   */
  cargos: Card[];
  /**
   * Days from the first cargo's unloading to the end.
   */
  days: number;
  /**
   * All empty kilometres, with the way home.
   */
  deadhead_km: number;
  /**
   * From the last unloading to the home, kilometres; null without a home.
   */
  home_km?: number | null;
  /**
   * What the chain leaves, rubles.
   */
  net_rub: number;
  /**
   * Rubles per day.
   */
  per_day_rub: number;
  /**
   * When each is loaded and unloaded, and the way to it.
   */
  rides: RideView[];
}
/**
 * A cargo of a chain on its way.
 */
export interface RideView {
  /**
   * To its loading, kilometres.
   */
  empty_km: number;
  /**
   * When its loading begins, local time such as `2026-11-25T08:30:00`.
   */
  loading_at: string;
  /**
   * When its unloading begins, local time.
   */
  unloading_at: string;
}
/**
 * A check of CargoTech.
 */
export interface CheckView {
  at: string;
  ok: boolean;
}
/**
 * A loading or unloading place for the filters.
 */
export interface City {
  /**
   * Value for `start_point_id` and `finish_point_id`.
   */
  id: number;
  /**
   * Name in Russian.
   */
  name: string;
  /**
   * Value for `start_point_type` and `finish_point_type`.
   */
  type: number;
}
/**
 * The cargos of a day.
 */
export interface DayFacet {
  /**
   * Matching cargos.
   */
  count: number;
  /**
   * The day of loading, `2026-11-25`.
   */
  date: string;
}
/**
 * The figures of one day, Moscow time.
 */
export interface DayView {
  came?: CameView | null;
  /**
   * Date, YYYY-MM-DD.
   */
  date: string;
  /**
   * Number of messages that failed.
   */
  deliveries_failed: number;
  drivers_active: number;
  drivers_new: number;
  /**
   * Number of paid orders by plan.
   */
  paid: {
    [k: string]: number;
  };
  /**
   * Number of payments by the status that they reached.
   */
  payments: {
    [k: string]: number;
  };
  /**
   * Number of promo codes redeemed.
   */
  promo_uses: number;
  /**
   * Amount refunded, rubles.
   */
  refunded_rub: number;
  /**
   * Number of refunds.
   */
  refunds: number;
  /**
   * Number of responses by the status that they reached.
   */
  responses: {
    [k: string]: number;
  };
  /**
   * Revenue by plan, rubles.
   */
  revenue_rub: {
    [k: string]: number;
  };
  /**
   * Number of trials that began on this day.
   */
  trials: number;
}
/**
 * A decision on a response.
 */
export interface DecidedView {
  at: string;
  by: ActorView;
}
/**
 * People who decide on responses, most decisions first.
 */
export interface DeciderList {
  /**
   * Always null: the list is short.
   */
  cursor?: string | null;
  items: DeciderView[];
}
/**
 * Decisions of one person in the requested days.
 */
export interface DeciderView {
  /**
   * Share of decisions that accept, percent; null without decisions.
   */
  accept_percent?: number | null;
  /**
   * Number of acceptances.
   */
  accepted: number;
  /**
   * Average time to an answer, seconds; null without answers.
   */
  answer_s?: number | null;
  /**
   * Telegram id of a dispatcher; null for all shippers together.
   */
  id?: number | null;
  name?: string | null;
  /**
   * Number of rejections.
   */
  rejected: number;
  /**
   * Number of acceptances undone.
   */
  undone: number;
}
/**
 * A shipper's decision.
 */
export interface DecisionBody {
  /**
   * Accepts although another driver already has the cargo: `choices` of the `cargo_taken` error.
   */
  choices?: number | null;
  /**
   * Decision: `accept` or `reject`.
   */
  decision: string;
  /**
   * Reason for a rejection; at most 500 characters.
   */
  reason?: string | null;
}
/**
 * An owner's decision on a request.
 */
export interface DecisionView {
  at: string;
  by: GiverView;
  /**
   * True if confirmed, false if declined.
   */
  confirmed: boolean;
  /**
   * Why it was declined; null if confirmed.
   */
  reason?: string | null;
}
/**
 * A driver after deletion.
 */
export interface DeletedDriver {
  /**
   * False if responses remain, because one call clears a limited number. Then repeat the request.
   */
  done: boolean;
  driver: DriverView;
}
/**
 * A driver in the list for admins.
 */
export interface DriverRowView {
  blocked: boolean;
  /**
   * First sign-in, RFC 3339 in UTC.
   */
  created_at?: string | null;
  /**
   * First name; empty if the driver's data was deleted.
   */
  first_name: string;
  /**
   * Telegram id.
   */
  id: number;
  last_name?: string | null;
  /**
   * Phone in E.164; null if unknown.
   */
  phone?: string | null;
  /**
   * Last sign-in, RFC 3339 in UTC.
   */
  seen_at?: string | null;
  subscription: SubscriptionBrief;
  /**
   * Whether the bot is unable to message the driver.
   */
  unreachable: boolean;
  username?: string | null;
}
/**
 * The state and end of a subscription.
 */
export interface SubscriptionBrief {
  /**
   * End, RFC 3339 in UTC; null if there never was a subscription.
   */
  expires_at?: string | null;
  /**
   * State: `none`, `trial`, `active` or `expired`.
   */
  state: string;
}
/**
 * A page of messages.
 */
export interface DeliveryRows {
  /**
   * Cursor of the next page; null on the last page.
   */
  cursor?: string | null;
  items: DeliveryView[];
}
/**
 * A message to a driver or to the dispatchers.
 */
export interface DeliveryView {
  /**
   * Number of attempts to send it.
   */
  attempts: number;
  cargo_id?: string | null;
  created_at: string;
  /**
   * Telegram id of the driver it concerns.
   */
  driver_id: number;
  /**
   * First and last name; null if unknown or if the caller may not see drivers.
   */
  driver_name?: string | null;
  /**
   * When it is due, RFC 3339 in UTC; null unless it waits.
   */
  due_at?: string | null;
  id: string;
  /**
   * Whether it has been due for more than a minute.
   */
  overdue: boolean;
  /**
   * Why it was skipped or failed, or the last error; null if none.
   */
  reason?: string | null;
  /**
   * State: `waiting`, `sent`, `skipped` or `failed`.
   */
  state: string;
  updated_at: string;
  /**
   * Kind of the message, such as `card` (in the dispatchers' chat), `notice-accepted`, `reason`, `link-1`, `paid`,
   * `refunded`, `gift` or `reminder-3`. `others` and `block` send nothing themselves but queue other messages.
   */
  what: string;
}
/**
 * A page of differences, newest first.
 */
export interface DifferenceRows {
  /**
   * Cursor of the next page; null on the last page.
   */
  cursor?: string | null;
  items: DifferenceView[];
}
/**
 * A difference between YooKassa and our rows that cannot be repaired automatically.
 */
export interface DifferenceView {
  found_at: string;
  id: string;
  /**
   * How often it was found. All ids unknown to YooKassa are one difference per day, with the first of these ids.
   */
  met: number;
  /**
   * Id of our payment; null if there is none.
   */
  payment_id?: string | null;
  /**
   * What differs.
   */
  reason: string;
  resolved?: ResolutionView | null;
  /**
   * When it was last found.
   */
  seen_at: string;
  /**
   * Subject: `payment` or `refund`.
   */
  what: string;
  yookassa_id: string;
}
/**
 * The resolution of a difference.
 */
export interface ResolutionView {
  at: string;
  /**
   * Telegram id of the admin.
   */
  by: number;
  name: string;
  /**
   * What was done.
   */
  note: string;
}
/**
 * A completed refund.
 */
export interface DoneRefund {
  /**
   * Amount, rubles.
   */
  amount_rub: number;
  at: string;
  /**
   * Days of the subscription taken back with it.
   */
  days: number;
  /**
   * Id at YooKassa.
   */
  id: string;
}
/**
 * The driver's own profile.
 */
export interface Driver {
  company?: string | null;
  email?: string | null;
  first_name: string;
  id: number;
  last_name?: string | null;
  /**
   * Phone in E.164; null if unknown.
   */
  phone?: string | null;
  /**
   * Whether Telegram confirmed the phone.
   */
  phone_confirmed: boolean;
  preferences: Preferences;
  truck?: Truck | null;
  username?: string | null;
}
/**
 * The driver's preferences.
 */
export interface Preferences {
  /**
   * The last filters, as query parameters of `GET /api/cargos`.
   */
  filters?: {} | null;
  /**
   * `ru` or `en`; null follows Telegram's language.
   */
  language?: string | null;
}
/**
 * A truck. What is null is not known, and an assumed truck of 20 tonnes stands in for it.
 */
export interface Truck {
  /**
   * What it carries, kilograms: 100 to 100000.
   */
  capacity_kg?: number | null;
  /**
   * Diesel, rubles per litre: 1 to 500.
   */
  diesel_rub_per_l?: number | null;
  /**
   * Diesel without a load, litres per 100 km: 5 to 100.
   */
  empty_l_per_100km?: number | null;
  /**
   * Instalments, insurance, wages and parking, rubles per day: 0 to 100000.
   */
  fixed_rub_per_day?: number | null;
  /**
   * What a day should bring, rubles: 0 to 1000000.
   */
  goal_rub_per_day?: number | null;
  /**
   * Home: `id` from /api/places.
   */
  home_place_id?: number | null;
  /**
   * Kilometres per day: 50 to 1500.
   */
  km_per_day?: number | null;
  /**
   * Diesel with a load, litres per 100 km: 5 to 100.
   */
  loaded_l_per_100km?: number | null;
  /**
   * Whether it pays Платон: above 12 tonnes with its trailer.
   */
  platon?: boolean | null;
  /**
   * Tax regime: `npd`, `patent`, `usn_income`, `usn_profit` or `osno`.
   */
  tax?: string | null;
  /**
   * Toll roads, rubles per kilometre of the whole way: 0 to 100.
   */
  tolls_rub_per_km?: number | null;
  /**
   * Its types: ids from the truck types dictionary, at most 10.
   */
  truck_types?: number[];
  /**
   * VAT under `usn_income` and `usn_profit`, percent: 0, 5 or 7.
   */
  vat_percent?: number | null;
  /**
   * What fits in, cubic metres: 1 to 500.
   */
  volume_m3?: number | null;
  /**
   * Tyres, service and wear, rubles per kilometre: 0 to 200.
   */
  wear_rub_per_km?: number | null;
}
/**
 * Everything known about a driver.
 */
export interface DriverCardView {
  block?: BlockView | null;
  driver: DriverView;
  features: FeatureView[];
  /**
   * Ledger entries, newest first.
   */
  ledger: EntryView[];
  session?: SessionView | null;
  subscription: SubscriptionView;
}
/**
 * Whether the driver may use a feature now, and why.
 */
export interface FeatureView {
  allowed: boolean;
  feature: Feature;
  rule: Rule;
}
/**
 * An entry of a subscription's ledger.
 */
export interface EntryView {
  /**
   * Time of the entry, RFC 3339 in UTC.
   */
  at: string;
  /**
   * Telegram id of the admin; null if no admin was involved.
   */
  by?: number | null;
  /**
   * Days given; negative if taken back.
   */
  days: number;
  /**
   * End of the subscription after this entry.
   */
  ends_at: string;
  id: string;
  /**
   * The admin's name at the time; null if no admin was involved.
   */
  name?: string | null;
  /**
   * The admin's reason; null if no admin was involved.
   */
  reason?: string | null;
  /**
   * Source: `payment`, `promo`, `trial`, `gift`, `refund` or `revocation`.
   */
  source: string;
}
/**
 * An active session.
 */
export interface SessionView {
  /**
   * Whether an access link opened it.
   */
  by_link: boolean;
  /**
   * When it ends if it is not renewed, RFC 3339 in UTC.
   */
  expires_at: string;
  /**
   * When the driver signed in through Telegram; null if unknown.
   */
  signed_in_at?: string | null;
}
/**
 * A driver's subscription.
 */
export interface SubscriptionView {
  /**
   * Days left, rounded up.
   */
  days_left: number;
  /**
   * End, RFC 3339 in UTC; null if there never was a subscription.
   */
  expires_at?: string | null;
  /**
   * Source of the last grant: `payment`, `promo`, `trial` or `gift`; null if there never was one.
   */
  source?: string | null;
  /**
   * State: `none`, `trial`, `active` or `expired`.
   */
  state: string;
}
/**
 * A response in a driver's list for admins.
 */
export interface DriverResponse {
  cargo_id: string;
  /**
   * The cargo's price, rubles; null means "on request".
   */
  cargo_price_rub?: number | null;
  created_at: string;
  id: string;
  /**
   * The driver's own price, rubles; null if none was offered.
   */
  own_price_rub?: number | null;
  /**
   * Price agreed by accepting the response, rubles: the driver's own, else the cargo's; null means "on request".
   */
  price_rub?: number | null;
  /**
   * Why it was rejected or its acceptance undone; null without a reason.
   */
  reason?: string | null;
  /**
   * Such as `Москва → Казань`.
   */
  route: string;
  status: Status;
  /**
   * Whether the response was accepted and the acceptance then undone.
   */
  undone: boolean;
  updated_at: string;
}
/**
 * A page of a driver's responses, newest first.
 */
export interface DriverResponses {
  /**
   * Cursor of the next page; null on the last page.
   */
  cursor?: string | null;
  items: DriverResponse[];
}
/**
 * A page of drivers.
 */
export interface DriverRows {
  /**
   * Cursor of the next page; null on the last page. When few rows match, a page may end before `limit`.
   */
  cursor?: string | null;
  items: DriverRowView[];
}
/**
 * Subscriptions that end on a day, Moscow time.
 */
export interface EndsView {
  /**
   * Date, YYYY-MM-DD.
   */
  date: string;
  /**
   * Number of other subscriptions.
   */
  paid: number;
  /**
   * Number of trials.
   */
  trial: number;
}
/**
 * The counts for filters.
 */
export interface Facets {
  /**
   * By day of loading.
   */
  days: DayFacet[];
  /**
   * When the data was fetched from CargoTech, RFC 3339 in UTC.
   */
  fetched_at: string;
  /**
   * By place of loading: the twenty most frequent.
   */
  from: PlaceFacet[];
  /**
   * With the price on request.
   */
  on_request: number;
  /**
   * For which part of a truck is enough. CargoTech's list may not say it of any cargo.
   */
  partial_load: number;
  /**
   * By price, the lowest first.
   */
  price: PriceFacet[];
  /**
   * Round trips. CargoTech's list may not say it of any cargo.
   */
  round_trip: number;
  /**
   * By place of unloading: the twenty most frequent.
   */
  to: PlaceFacet[];
  /**
   * All matching cargos.
   */
  total: number;
  /**
   * By truck type, the most frequent first. A cargo counts for each suitable type.
   */
  truck_types: TypeFacet[];
}
/**
 * The cargos of a place.
 */
export interface PlaceFacet {
  /**
   * Matching cargos.
   */
  count: number;
  /**
   * Name in Russian.
   */
  name: string;
  /**
   * Value for `from_place_id` and `to_place_id`; null if the place is not known.
   */
  place_id?: number | null;
}
/**
 * The cargos of a price band.
 */
export interface PriceFacet {
  /**
   * Below this price, rubles; null for the highest band.
   */
  below_rub?: number | null;
  /**
   * Matching cargos.
   */
  count: number;
  /**
   * The lowest price, rubles.
   */
  from_rub: number;
}
/**
 * The cargos for a truck type.
 */
export interface TypeFacet {
  /**
   * Matching cargos.
   */
  count: number;
  /**
   * Value for `truck_types`; null if unknown.
   */
  id?: number | null;
  /**
   * Name in Russian.
   */
  name: string;
}
/**
 * A fault in a field.
 */
export interface FieldError {
  /**
   * Stable code for programs: `missing`, `unknown`, `repeated`, `malformed`, `out_of_range`, `too_long`, `refused`
   * (by CargoTech or YooKassa), `conflicting` (with another field) or `unavailable` at the moment.
   */
  code: string;
  /**
   * Name of the field as the caller wrote it.
   */
  field: string;
  /**
   * What is wrong and what would be valid.
   */
  message: string;
}
/**
 * A new rule for a flag.
 */
export interface FlagBody {
  /**
   * Telegram ids of 1 to 500 drivers; only with the rule `drivers`.
   */
  drivers?: number[] | null;
  /**
   * Rule: `on`, `off` or `drivers`.
   */
  rule: string;
  /**
   * The version that the change is based on. If it is outdated, the change is refused with `settings_changed`.
   */
  version: number;
}
/**
 * All flags.
 */
export interface FlagList {
  items: FlagView[];
  /**
   * Version of the settings and flags; each change increments it.
   */
  version: number;
}
/**
 * A feature flag.
 */
export interface FlagView {
  /**
   * The rule until an admin sets one.
   */
  default: string;
  /**
   * Telegram ids of the drivers, with the rule `drivers`; else empty.
   */
  drivers: number[];
  /**
   * Name. `paid.…`: the feature needs a subscription. `app.…`: the feature is available at all.
   */
  flag: string;
  /**
   * `on`, `off`, or `drivers` if it is on only for the listed drivers.
   */
  rule: string;
}
/**
 * Settlements, likeliest or nearest first.
 */
export interface FoundPlaces {
  items: PlaceView[];
}
/**
 * A settlement.
 */
export interface PlaceView {
  /**
   * Country code, ISO 3166-1 alpha-2.
   */
  country: string;
  /**
   * GeoNames id.
   */
  id: number;
  /**
   * Latitude, degrees north.
   */
  lat: number;
  /**
   * Longitude, degrees east.
   */
  lon: number;
  /**
   * Name in Russian.
   */
  name: string;
  /**
   * Name in Latin letters.
   */
  name_en: string;
  /**
   * The nearest large city if several places share the name; of a district, its city; else null.
   */
  near?: string | null;
  /**
   * The same in Latin letters.
   */
  near_en?: string | null;
  /**
   * Time zone in the IANA database.
   */
  timezone: string;
}
/**
 * A request for a gift that needs an owner's confirmation.
 */
export interface GiftRequestView {
  asked_at: string;
  asked_by: GiverView;
  /**
   * Days to give; null if `until` is set.
   */
  days?: number | null;
  decision?: DecisionView | null;
  driver_id: number;
  /**
   * First and last name; null if unknown.
   */
  driver_name?: string | null;
  id: string;
  reason: string;
  /**
   * Requested last day of the subscription, YYYY-MM-DD, Moscow time; null if `days` is set.
   */
  until?: string | null;
}
/**
 * A page of requests, newest first.
 */
export interface GiftRequests {
  /**
   * Cursor of the next page; null on the last page.
   */
  cursor?: string | null;
  items: GiftRequestView[];
}
/**
 * Health of the service.
 */
export interface Health {
  /**
   * State of CargoTech: `ok`, `unavailable` (its circuit breaker is open) or `unknown` (the store is unavailable).
   */
  cargotech: string;
  /**
   * `ok`, or `degraded` if the store takes no writes.
   */
  status: string;
  /**
   * State of the store: `ok`, `unwritable` or `unavailable`.
   */
  store: string;
  /**
   * Version of this build.
   */
  version: string;
}
/**
 * Health of the product and its dependencies. A value that cannot be read is null.
 */
export interface HealthView {
  cargotech: UpstreamView;
  jobs: JobView[];
  market: MarketView;
  oldest: OldestView;
  queues: QueueView[];
  secrets: SecretView[];
}
/**
 * The connection to CargoTech.
 */
export interface UpstreamView {
  /**
   * State of the circuit breaker: `closed` (requests pass), `open` (none pass) or `half_open` (one probe passes).
   */
  breaker: string;
  /**
   * Share of the current request budget in use, percent.
   */
  budget_used_percent: number;
  last_check?: CheckView | null;
  /**
   * Seconds since the last login; null without a token.
   */
  token_age_s?: number | null;
}
/**
 * A scheduled job.
 */
export interface JobView {
  /**
   * Error of the last run; null if it succeeded.
   */
  last_error?: string | null;
  /**
   * End of the last successful run, RFC 3339 in UTC; null if there is none.
   */
  last_ok?: string | null;
  /**
   * Start of the last run, RFC 3339 in UTC; null if it never ran.
   */
  last_started?: string | null;
  name: string;
  /**
   * `ok`, `late` (the last success is older than twice the interval), `failed` or `never`.
   */
  state: string;
}
/**
 * The market: the copy of CargoTech's open cargos.
 */
export interface MarketView {
  /**
   * Whether an admin has accepted a smaller number for the next sweep.
   */
  accepted: boolean;
  /**
   * Changed cargos of the last accepted sweep.
   */
  changed?: number | null;
  /**
   * Removed cargos of the last accepted sweep.
   */
  gone?: number | null;
  /**
   * New cargos of the last accepted sweep.
   */
  new?: number | null;
  /**
   * Whether CargoTech's list was ordered, the newest first.
   */
  ordered?: boolean | null;
  /**
   * Number of cargos of the last sweep that was refused because it found too few; null if a later one was accepted.
   */
  refused_size?: number | null;
  /**
   * Number of cargos.
   */
  size?: number | null;
  /**
   * `off`, `none` (no sweep has ended yet), `fresh`, or `stale` (CargoTech answers searches).
   */
  state: string;
  /**
   * Start of the last accepted sweep, RFC 3339 in UTC; null before the first.
   */
  swept_at?: string | null;
  /**
   * Duration of the last accepted sweep, seconds.
   */
  took_s?: number | null;
}
/**
 * Age of the oldest waiting items, seconds; null if nothing waits.
 */
export interface OldestView {
  /**
   * How long the oldest due message has been due.
   */
  delivery_s?: number | null;
  /**
   * How long the oldest open payment has been open.
   */
  payment_s?: number | null;
}
/**
 * A queue.
 */
export interface QueueView {
  /**
   * Number of dead letters; null if unknown.
   */
  dead_letters?: number | null;
  /**
   * Number of messages in flight; null if unknown.
   */
  in_flight?: number | null;
  name: string;
  /**
   * Number of waiting messages; null if unknown.
   */
  waiting?: number | null;
}
/**
 * The age of a secret. Its value is never shown.
 */
export interface SecretView {
  /**
   * When it last changed, RFC 3339 in UTC; null if unknown.
   */
  changed_at?: string | null;
  name: string;
  /**
   * Whether it is due for rotation.
   */
  old: boolean;
}
/**
 * The entries of a dictionary.
 */
export interface Items_City {
  /**
   * All matching entries.
   *
   * Items: A loading or unloading place for the filters.
   */
  items: {
    /**
     * Value for `start_point_id` and `finish_point_id`.
     */
    id: number;
    /**
     * Name in Russian.
     */
    name: string;
    /**
     * Value for `start_point_type` and `finish_point_type`.
     */
    type: number;
  }[];
}
/**
 * The entries of a dictionary.
 */
export interface Items_TypeEntry {
  /**
   * All matching entries.
   *
   * Items: A truck or load type.
   */
  items: {
    /**
     * Value for `truck_types` or `load_types`.
     */
    id: number;
    /**
     * Name in Russian.
     */
    name: string;
    /**
     * Short name in Russian; null if there is none.
     */
    short_name?: string | null;
  }[];
}
/**
 * The entries of a dictionary.
 */
export interface Items_WeightVolume {
  /**
   * All matching entries.
   *
   * Items: A category of weight and volume.
   */
  items: {
    /**
     * Value for `weight_volume`.
     */
    id: string;
    /**
     * Name in Russian.
     */
    name: string;
  }[];
}
/**
 * Links to places outside the app.
 */
export interface Links {
  /**
   * URL that opens the app from the bot; `?startapp=cargo_<id>` opens a cargo.
   */
  app_url: string;
  /**
   * Support contact as text: a URL, a Telegram name or a phone.
   */
  support_contact: string;
  /**
   * Support contact as a link: a URL, or `tel:` and a phone.
   */
  support_url: string;
}
/**
 * A cached response of `GET /api/cargos`.
 */
export interface ListAtHand {
  /**
   * Seconds since the data was fetched from CargoTech, as in the `Age` header.
   */
  age_s: number;
  page: CargoList;
}
/**
 * The admin and their permissions.
 */
export interface Me {
  /**
   * Until when dangerous actions need no new sign-in, RFC 3339 in UTC.
   */
  fresh_until: string;
  /**
   * Telegram id.
   */
  id: number;
  name: string;
  permissions: Permission[];
  role: Role;
}
/**
 * A change of the profile. Absent fields stay as they are; null clears a field.
 */
export interface MeBody {
  company?: string | null;
  email?: string | null;
  phone?: string | null;
  preferences?: {} | null;
  truck?: Truck | null;
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
 * A payment as its driver sees it.
 */
export interface PaymentView {
  /**
   * Amount, rubles.
   */
  amount_rub: number;
  /**
   * URL of the payment page, while the payment is pending.
   */
  confirmation_url?: string | null;
  created_at: string;
  id: string;
  /**
   * Id of the plan.
   */
  plan: string;
  /**
   * Name of the plan when it was ordered.
   */
  plan_name: string;
  /**
   * YooKassa's code for the cancellation reason; null unless canceled.
   */
  reason?: string | null;
  /**
   * Status of the receipt: `pending`, `succeeded` or `canceled`.
   */
  receipt?: string | null;
  /**
   * Amount refunded, rubles.
   */
  refunded_rub: number;
  /**
   * `created` (not yet confirmed by YooKassa), `pending`, `waiting_for_capture`, `succeeded`, `canceled`, `refused`
   * or `lost`.
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
 * A payment in the list for admins.
 */
export interface PaymentRow {
  /**
   * Amount, rubles.
   */
  amount_rub: number;
  created_at: string;
  driver_id: number;
  /**
   * First and last name; null if unknown or if the caller may not see drivers.
   */
  driver_name?: string | null;
  id: string;
  /**
   * Id of the plan.
   */
  plan: string;
  /**
   * Name of the plan when it was ordered.
   */
  plan_name: string;
  /**
   * Why it was canceled, refused or lost; null otherwise.
   */
  reason?: string | null;
  /**
   * Status of the receipt: `pending`, `succeeded` or `canceled`; null without one.
   */
  receipt?: string | null;
  /**
   * Amount refunded, rubles.
   */
  refunded_rub: number;
  /**
   * Status, with the values of `PaymentView`.
   */
  status: string;
  updated_at: string;
  /**
   * Id at YooKassa; null if there is none yet.
   */
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
   * Telegram id of the admin.
   */
  created_by: number;
  /**
   * The admin's name; null outside lists, if unknown, or if the caller may not see drivers.
   */
  created_by_name?: string | null;
  /**
   * Days that it gives.
   */
  days: number;
  enabled: boolean;
  /**
   * Maximum number of redemptions.
   */
  max_uses: number;
  /**
   * Whether it can be redeemed now: `works`, `off`, `early`, `ended` or `used_up`.
   */
  state: string;
  /**
   * Number of redemptions so far.
   */
  uses: number;
  /**
   * Start of validity, RFC 3339 in UTC; null for none.
   */
  valid_from?: string | null;
  /**
   * End of validity, RFC 3339 in UTC; null for no end.
   */
  valid_until?: string | null;
}
/**
 * One response.
 */
export interface OneResponseDetail {
  response: ResponseDetail;
}
/**
 * A response in the list of all responses.
 */
export interface ResponseRow {
  /**
   * Seconds from delivery to the dispatchers until the first decision; null while there is none.
   */
  answered_after_s?: number | null;
  cargo_id: string;
  created_at: string;
  decided?: DecidedView | null;
  driver_id: number;
  /**
   * The driver's name at the time; null if their data was deleted.
   */
  driver_name?: string | null;
  id: string;
  /**
   * Price agreed by accepting the response, rubles; null means "on request".
   */
  price_rub?: number | null;
  /**
   * Such as `Москва → Казань`.
   */
  route: string;
  status: Status;
  /**
   * Whether the response was accepted and the acceptance then undone.
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
 * One person and their role.
 */
export interface OneRole {
  item: RoleView;
}
/**
 * Someone who has a role.
 */
export interface RoleView {
  /**
   * Whether the configuration names them as an owner. Only a deployment changes that.
   */
  configured: boolean;
  /**
   * Telegram id.
   */
  driver_id: number;
  given_at?: string | null;
  given_by?: GiverView | null;
  /**
   * Empty if they never opened the app.
   */
  name: string;
  role: Role;
}
/**
 * A saved search.
 */
export interface OneSearch {
  search: SearchView;
}
/**
 * A saved search in the API.
 */
export interface SearchView {
  /**
   * Query parameters of `GET /api/cargos`, and the names of their places.
   */
  filters: {};
  /**
   * Id of the search.
   */
  id: string;
  /**
   * Whether its filters can find anything: false after its last day of loading.
   */
  is_current: boolean;
  name: string;
  /**
   * Cargos that have appeared since the driver last opened it; null if the market cannot tell.
   */
  new_count?: number | null;
  /**
   * When the driver last opened it, RFC 3339 in UTC.
   */
  opened_at: string;
  /**
   * `sort` of `GET /api/cargos`; null for the usual order.
   */
  sort?: string | null;
}
/**
 * The shop after a change.
 */
export interface OneShop {
  yookassa: ShopView;
}
/**
 * The subscription after a change.
 */
export interface OrderedSubscription {
  /**
   * Seconds given; negative if taken back.
   */
  seconds: number;
  subscription: SubscriptionView;
}
/**
 * The key figures.
 */
export interface OverviewView {
  days: DayView[];
  plans: PlanName[];
  /**
   * Number of gift requests that wait for an owner.
   */
  requests: number;
  subscriptions: RunningView;
  totals: TotalsView;
  upstream: UpstreamState;
}
/**
 * A plan on sale.
 */
export interface PlanName {
  id: string;
  name: string;
}
/**
 * Active subscriptions, as in their list now, and by the day on which they end. Today's count includes those that have
 * already ended today.
 */
export interface RunningView {
  by_day: EndsView[];
  /**
   * Number of subscriptions that end within 3 days, counting today.
   */
  ending_3_days: number;
  /**
   * Number of subscriptions that end within 7 days, counting today.
   */
  ending_7_days: number;
  /**
   * Number of other active subscriptions, such as paid or given ones.
   */
  paid: number;
  /**
   * Number of active trials.
   */
  trial: number;
}
/**
 * Totals of these days.
 */
export interface TotalsView {
  conversion: ConversionView;
  /**
   * Messages that failed and are still failed, as in their list.
   */
  deliveries_failed: number;
  /**
   * New drivers, as in the list of drivers: without those deleted since.
   */
  drivers_new: number;
  /**
   * Number of paid orders.
   */
  paid: number;
  /**
   * Amount refunded, rubles.
   */
  refunded_rub: number;
  /**
   * Number of refunds.
   */
  refunds: number;
  /**
   * Responses created.
   */
  responses: number;
  /**
   * Revenue, rubles.
   */
  revenue_rub: number;
}
/**
 * Summary of the connection to CargoTech.
 */
export interface UpstreamState {
  /**
   * State of the circuit breaker: `closed`, `open` or `half_open`.
   */
  breaker: string;
  /**
   * Share of the current request budget in use, percent.
   */
  budget_used_percent: number;
  /**
   * State: `ok`, `degraded` or `down`.
   */
  state: string;
}
/**
 * An order of a plan.
 */
export interface PaymentBody {
  /**
   * E-mail for the receipt; required if receipts are issued.
   */
  email?: string | null;
  /**
   * Id of the plan.
   */
  plan: string;
  /**
   * Where to return after paying: `telegram` (the default) for the Mini App, `browser` for the web page.
   */
  return_to?: string | null;
}
/**
 * A page of payments, newest first.
 */
export interface PaymentList {
  /**
   * Cursor of the next page; null on the last page.
   */
  cursor?: string | null;
  items: PaymentView[];
}
/**
 * A page of payments, newest first: by payment date if `paid_from` or `paid_until` is given, else by order date.
 */
export interface PaymentRows {
  /**
   * Cursor of the next page; null on the last page.
   */
  cursor?: string | null;
  items: PaymentRow[];
  /**
   * Order time of the last payment searched, RFC 3339 in UTC. When few rows match, a page may end before `limit`.
   */
  reached?: string | null;
  totals?: PaymentTotalsView | null;
}
/**
 * Amounts paid and refunded in the requested days, regardless of when the payments were ordered.
 */
export interface PaymentTotalsView {
  /**
   * Amount paid, rubles.
   */
  amount_rub: number;
  /**
   * Number of payments.
   */
  count: number;
  /**
   * Amount refunded, rubles.
   */
  refunded_rub: number;
}
/**
 * A plan.
 */
export interface PlanView {
  /**
   * Days of subscription.
   */
  days: number;
  id: string;
  name: string;
  /**
   * Price per day, rubles.
   */
  price_per_day_rub: number;
  /**
   * Price, rubles.
   */
  price_rub: number;
  /**
   * Saving against the same number of days at the price of the first plan, percent.
   */
  saving_percent: number;
}
/**
 * The plans on sale.
 */
export interface Plans {
  /**
   * Whether an order requires an e-mail for the receipt.
   */
  email_needed: boolean;
  items: PlanView[];
  /**
   * Whether payments are enabled.
   */
  payments: boolean;
}
/**
 * `application/problem+json` (RFC 9457).
 */
export interface Problem {
  /**
   * For `cargo_taken`: names of the accepted drivers; an empty name if the data was deleted.
   */
  accepted?: string[] | null;
  /**
   * For 401: link that opens the app from the bot.
   */
  app_url?: string | null;
  /**
   * For `cargo_taken`: value to send as `choices` to accept one more driver.
   */
  choices?: number | null;
  /**
   * Stable code for programs.
   */
  code: string;
  /**
   * What went wrong and what the caller can do.
   */
  detail: string;
  /**
   * For `validation_failed`: the faults, each with its field; at most the first twenty.
   */
  errors?: FieldError[] | null;
  feature?: Feature | null;
  /**
   * For `cargo_changed`: the current price, rubles; null means "on request".
   */
  price_rub?: number | null;
  /**
   * Id of the request, for support.
   */
  request_id: string;
  response?: ResponseView | null;
  /**
   * The HTTP status.
   */
  status: number;
  /**
   * Reason phrase of the HTTP status.
   */
  title: string;
  /**
   * Always `about:blank`: `title` repeats the status, and `code` identifies the problem.
   */
  type: string;
}
/**
 * The profit, term by term.
 */
export interface ProfitView {
  /**
   * The sum of the terms, rubles; null without a price or a distance.
   */
  net_rub?: number | null;
  /**
   * Rubles per day.
   */
  per_day_rub?: number | null;
  /**
   * Rubles per kilometre of the whole way.
   */
  per_km_rub?: number | null;
  /**
   * The terms: the price, then the costs and taxes.
   */
  terms: TermView[];
}
/**
 * A term of the profit.
 */
export interface TermView {
  /**
   * Since when the rate holds, YYYY-MM-DD; null if it has no date.
   */
  as_of?: string | null;
  /**
   * Whether the rate or the way is assumed.
   */
  estimate: boolean;
  /**
   * `price`, `fuel`, `fuel_empty`, `platon`, `tolls`, `wear`, `days`, `vat` or `tax`.
   */
  name: string;
  /**
   * Rubles, negative for costs; null: not known, which is not zero.
   */
  rub?: number | null;
  /**
   * `cargo`, `driver`, `assumed`, or where its rate is published.
   */
  source: string;
}
/**
 * A change of a promo code. Absent fields stay as they are.
 */
export interface PromoChangeBody {
  enabled?: boolean | null;
  /**
   * Maximum number of redemptions; at least the number so far.
   */
  max_uses?: number | null;
  /**
   * End of validity; null for no end.
   */
  valid_until?: string | null;
}
/**
 * A new promo code.
 */
export interface PromoCodeBody {
  action: Action;
  /**
   * 3 to 32 Latin letters and digits; null generates a code that is hard to guess and easy to read out.
   */
  code?: string | null;
  /**
   * Days that it gives, 1 to 3650.
   */
  days: number;
  /**
   * Whether it can be redeemed; true by default.
   */
  enabled?: boolean | null;
  /**
   * Maximum number of redemptions.
   */
  max_uses: number;
  /**
   * Start of validity, RFC 3339; null for none.
   */
  valid_from?: string | null;
  /**
   * End of validity, RFC 3339; null for no end.
   */
  valid_until?: string | null;
}
/**
 * A page of promo codes, newest first.
 */
export interface PromoCodes {
  /**
   * Cursor of the next page; null on the last page.
   */
  cursor?: string | null;
  items: PromoCodeView[];
}
/**
 * A redemption of a promo code.
 */
export interface PromoUseView {
  /**
   * When it was redeemed, RFC 3339 in UTC.
   */
  at: string;
  /**
   * Telegram id.
   */
  driver_id: number;
  /**
   * First and last name; null if unknown or if the caller may not see drivers.
   */
  driver_name?: string | null;
}
/**
 * Redemptions of a promo code, newest first.
 */
export interface PromoUses {
  /**
   * Cursor of the next page; null on the last page.
   */
  cursor?: string | null;
  items: PromoUseView[];
}
/**
 * What similar open cargos pay: those with a way of the same band, loading near this one, for a truck of its family.
 */
export interface RateView {
  /**
   * The number of similar cargos.
   */
  count: number;
  /**
   * Rubles per kilometre: half of them pay less.
   */
  median_per_km_rub: number;
  /**
   * A quarter pays less.
   */
  p25: number;
  /**
   * Three quarters pay less.
   */
  p75: number;
  /**
   * By how many percent this cargo is above the median; null without a price.
   */
  percent?: number | null;
  /**
   * How far their loading may be from this one, kilometres; null: anywhere, because too few are near.
   */
  radius_km?: number | null;
  /**
   * Whether all are for a truck of the same family.
   */
  same_truck: boolean;
}
/**
 * The reason for an action.
 */
export interface ReasonBody {
  /**
   * Reason; at most 250 characters.
   */
  reason: string;
}
/**
 * A promo code to redeem.
 */
export interface RedeemBody {
  /**
   * The code. Case, spaces and dashes are ignored.
   */
  code: string;
}
/**
 * The result of redeeming a promo code.
 */
export interface RedeemedView {
  /**
   * Days added to the subscription.
   */
  days_added: number;
  subscription: SubscriptionView;
}
/**
 * A renewed token of the session.
 */
export interface Refreshed {
  /**
   * When the session ends if it is not renewed, RFC 3339 in UTC.
   */
  expires_at: string;
  /**
   * Token for `Authorization: Bearer`.
   */
  session_token: string;
}
/**
 * A payment and the requested refund.
 */
export interface RefundAnswer {
  payment: PaymentDetail;
  refund: AskedRefundView;
}
/**
 * A refund of a payment.
 */
export interface RefundBody {
  /**
   * Amount, rubles; null refunds all that is left.
   */
  amount_rub?: number | null;
  /**
   * E-mail for the receipt of a partial refund; null uses the address in the driver's profile.
   */
  email?: string | null;
  /**
   * Reason, at most 250 characters; the driver's bank may show it.
   */
  reason: string;
}
/**
 * The resolution of a difference.
 */
export interface ResolveBody {
  /**
   * What was done, for the record.
   */
  note: string;
}
/**
 * A response to a cargo.
 */
export interface RespondBody {
  /**
   * Comment, at most 500 characters.
   */
  comment?: string | null;
  /**
   * The driver's name, at most 100 characters; the profile's name by default.
   */
  name?: string | null;
  /**
   * The driver's phone in any common notation; the profile's phone by default.
   */
  phone?: string | null;
  /**
   * The driver's own price, rubles; null for none.
   */
  price_rub?: number | null;
  /**
   * The price shown to the driver, rubles; 0 for "on request". If it has changed, the request fails with
   * `cargo_changed`.
   */
  seen_price_rub?: number | null;
}
/**
 * The response after a change.
 */
export interface Responded {
  response: ResponseView;
}
/**
 * A page of responses, newest first.
 */
export interface ResponseList {
  /**
   * Cursor of the next page; null on the last page.
   */
  cursor?: string | null;
  items: ResponseView[];
}
/**
 * A page of responses, newest first.
 */
export interface ResponseRows {
  /**
   * Cursor of the next page; null on the last page.
   */
  cursor?: string | null;
  items: ResponseRow[];
  /**
   * Creation time of the last response searched, RFC 3339 in UTC. When few rows match, a page may end before
   * `limit`.
   */
  reached?: string | null;
}
/**
 * A role to give.
 */
export interface RoleBody {
  role: Role;
}
/**
 * Everyone who has a role.
 */
export interface RoleList {
  /**
   * Always null: the list is short.
   */
  cursor?: string | null;
  items: RoleView[];
}
/**
 * A search to save.
 */
export interface SearchBody {
  /**
   * Query parameters of `GET /api/cargos`, without a page.
   */
  filters: {};
  /**
   * Name, at most 60 characters.
   */
  name: string;
  /**
   * `sort` of `GET /api/cargos`; null for the usual order.
   */
  sort?: string | null;
}
/**
 * The driver's saved searches, oldest first.
 */
export interface SearchList {
  items: SearchView[];
}
/**
 * A change of settings. Absent fields stay as they are.
 */
export interface SettingsBody {
  payments_on?: boolean | null;
  plans?: SetPlan[] | null;
  receipts?: Receipts | null;
  response_expiry_hours?: number | null;
  support_contact?: string | null;
  tariffs?: SetTariff[] | null;
  trial_days?: number | null;
  /**
   * The version that the change is based on. If it is outdated, the change is refused with `settings_changed`.
   */
  version: number;
}
/**
 * The driver as the shipper sees them.
 */
export interface ShipperDriver {
  name: string;
  /**
   * Phone in E.164; null unless the response was accepted through this link.
   */
  phone?: string | null;
}
/**
 * A response as the shipper sees it.
 */
export interface ShipperView {
  /**
   * Price agreed by accepting the response, rubles: the driver's own, else the cargo's; null means "on request".
   */
  agreed_price_rub?: number | null;
  cargo: CargoSummary;
  /**
   * The driver's comment.
   */
  comment?: string | null;
  driver: ShipperDriver;
  /**
   * When it expires if no one decides, RFC 3339 in UTC.
   */
  expires_at: string;
  /**
   * The driver's own price, rubles; null if none was offered.
   */
  price_rub?: number | null;
  /**
   * Why it was rejected; null without a reason.
   */
  reason?: string | null;
  status: Status;
  /**
   * Whether the response was accepted and the acceptance then undone.
   */
  undone: boolean;
}
/**
 * A change of the shop at YooKassa or of its key.
 */
export interface ShopBody {
  /**
   * Secret key of the shop.
   */
  secret_key: string;
  /**
   * Id of the shop.
   */
  shop_id: string;
}
/**
 * A new session and what the app needs at startup.
 */
export interface SignIn {
  /**
   * Whether the driver is blocked. A blocked driver can only read their profile, subscription and payments.
   */
  blocked: boolean;
  driver: SignedInDriver;
  /**
   * When the session ends if it is not renewed, RFC 3339 in UTC.
   */
  expires_at: string;
  /**
   * Each feature, and whether the driver may use it now.
   */
  features: {
    [k: string]: boolean;
  };
  /**
   * Names of the flags that are on for the driver.
   */
  flags: string[];
  links: Links;
  list?: ListAtHand | null;
  /**
   * Token for `Authorization: Bearer`.
   */
  session_token: string;
  subscription: SubscriptionView;
}
/**
 * A sign-in with Telegram's init data.
 */
export interface SignInBody {
  admin?: Seat | null;
  /**
   * Hash of the init data, if sent separately.
   */
  hash?: string | null;
  /**
   * Telegram's init data, unchanged. Also accepted as `initData`.
   */
  init_data: string;
  /**
   * Query string of the `GET /api/cargos` that would follow. If it is valid and its result is cached, `list` has
   * the result.
   */
  search?: string | null;
}
/**
 * A change of a subscription.
 */
export interface SubscriptionBody {
  /**
   * Action: `gift`, `extend` or `revoke`.
   */
  action: string;
  /**
   * Days to give, or to take back as far as days are left: 1 to 3650.
   */
  days?: number | null;
  /**
   * Reason; at most 250 characters.
   */
  reason: string;
  /**
   * Last day of the extended subscription, YYYY-MM-DD, Moscow time.
   */
  until?: string | null;
}
/**
 * A page of subscriptions by end: earliest first if `state` is `trial` or `active`, else latest first.
 */
export interface SubscriptionRows {
  /**
   * Cursor of the next page; null on the last page.
   */
  cursor?: string | null;
  items: SubscriptionRow[];
  /**
   * End of the last subscription searched, RFC 3339 in UTC. When few rows match, a page may end before `limit`.
   */
  reached?: string | null;
}
/**
 * The trip with a cargo.
 */
export interface TripView {
  /**
   * Days, at least one; null without a distance.
   */
  days?: number | null;
  /**
   * To the loading, kilometres; null if it is not known where the truck is.
   */
  empty_km?: number | null;
  /**
   * With the cargo, kilometres; null if not known.
   */
  loaded_km?: number | null;
}
/**
 * A truck or load type.
 */
export interface TypeEntry {
  /**
   * Value for `truck_types` or `load_types`.
   */
  id: number;
  /**
   * Name in Russian.
   */
  name: string;
  /**
   * Short name in Russian; null if there is none.
   */
  short_name?: string | null;
}
/**
 * A category of weight and volume.
 */
export interface WeightVolume {
  /**
   * Value for `weight_volume`.
   */
  id: string;
  /**
   * Name in Russian.
   */
  name: string;
}
/**
 * What a cargo is worth to the driver.
 */
export interface WorthView {
  /**
   * The least price, whole rubles, that brings the driver's goal per day; null without a goal or a distance.
   */
  ask_rub?: number | null;
  market?: RateView | null;
  profit: ProfitView;
  trip: TripView;
}
