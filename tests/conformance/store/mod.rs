//! What every store promises, whatever database is behind it: each test is a sentence about the traits of `store`.
//!
//! A backend registers itself in a test target of its own crate: it implements [`Database`] and calls
//! [`store_conformance!`]. Nothing in here knows a dialect; the little SQL that plays an intruder is portable.

pub mod archive;
pub mod audit;
pub mod budgets;
pub mod campaigns;
pub mod canaries;
pub mod certificates;
pub mod drift;
pub mod endings;
pub mod enrollments;
pub mod jobs;
pub mod ledger;
pub mod listing;
pub mod people;
pub mod publications;
pub mod recipes;
pub mod recovery;
pub mod sample;
pub mod services;
pub mod sharing;
pub mod skips;
pub mod subscribers;
pub mod units;

use std::sync::Arc;

use async_trait::async_trait;
use store::{Store, StoreError};

/// An empty, migrated database of one test.
#[async_trait]
pub trait Database: Send + Sync {
    /// A store on it with connections of its own, as another program would have.
    async fn open(&self) -> Arc<dyn Store>;

    /// Runs a statement beside the store. As `intruder`, whatever protects tables from their owner is taken away first.
    async fn execute(&self, sql: &str, intruder: bool) -> Result<(), StoreError>;
}

/// Makes a test of each promise. `$fresh` is an async function that makes an empty [`Database`]. With `together` it makes
/// one function instead that keeps them all, for whoever wants to know what all of them said.
macro_rules! store_conformance {
    ($fresh:path) => { $crate::suite::store_conformance! { @promises tests $fresh } };
    (together $fresh:path) => { $crate::suite::store_conformance! { @promises together $fresh } };
    (@promises $how:ident $fresh:path) => {
        $crate::suite::store_conformance! { @$how $fresh;
            units {
                a_dropped_unit_leaves_nothing
                what_is_committed_is_seen_by_another_program
                a_reader_keeps_its_snapshot_and_never_waits_for_a_writer
                a_unit_for_reading_refuses_to_write
                writers_of_two_programs_queue
            }
            subscribers {
                an_observation_that_says_the_same_is_not_due
                every_other_observation_is_due
                a_subscriber_is_found_by_any_name_in_any_letter_case
                whoever_leaves_the_last_group_is_gone
                a_vanished_subscriber_that_comes_back_is_due
                whoever_vanished_comes_back_with_the_groups_told_then_and_no_others
                of_many_ids_those_in_the_snapshot_are_known
                a_mailbox_is_due_when_its_people_change
                everybody_is_due_after_mark_all_due
                due_pages_cover_everybody_once_in_order_of_id
                a_certificate_near_its_end_makes_its_owner_due
                a_certificate_with_a_valid_successor_makes_nobody_due
                a_planning_row_tells_everything_about_its_subscriber
                pages_by_display_name_cover_everybody_once
                a_search_finds_beginnings_of_names_and_addresses
                a_search_with_thousands_of_matches_misses_none
                a_delta_cursor_is_kept_replaced_and_forgotten
            }
            people {
                lists_tell_apart_how_people_stand
                lists_tell_who_has_every_certificate_from_who_has_some
            }
            endings {
                what_has_come_due_was_seen_twice_and_is_not_done
                what_cannot_be_acted_upon_does_not_come_due
                a_notice_stays_as_it_was_given_and_can_be_taken_back_until_it_is_done
                whoever_is_gone_is_planned_for_as_long_as_something_is_to_end
                when_everything_was_read_is_told_without_the_links
            }
            canaries {
                the_last_canary_mail_of_a_delivery_is_found_by_its_code_and_keeps_who_read_one
            }
            campaigns {
                a_campaign_is_found_by_its_name_and_changed_by_one_at_a_time
                members_move_on_from_where_they_stand_and_nowhere_else
                what_there_is_to_do_is_found_by_what_enrollments_and_certificates_say
                what_was_done_is_counted_by_the_hour
            }
            publications {
                how_far_a_publication_came_is_kept_for_each_book_and_certificate
                what_was_handed_over_and_is_in_no_book_is_found
                what_is_published_and_has_ended_is_found
            }
            drift {
                what_two_complete_readings_in_a_row_show_is_confirmed
                what_a_reading_in_full_does_not_show_is_closed_or_forgotten
                a_reading_that_was_not_complete_confirms_and_closes_nothing
                a_person_ignores_what_is_confirmed_and_takes_it_back
                differences_are_listed_once_by_state_and_kind
            }
            skips {
                reasons_why_not_are_replaced_for_one_subscriber
                several_reasons_for_one_template_become_one
                reasons_that_stay_the_same_are_not_written
            }
            recipes {
                a_template_is_found_by_name_in_any_letter_case
                a_template_read_earlier_does_not_overwrite_a_newer_one
                an_authority_keeps_its_sealed_secrets
                a_recovery_agent_is_known_once_and_can_be_taken_out
            }
            enrollments {
                an_enrollment_comes_back_as_it_was_planned
                there_is_one_open_enrollment_for_a_subscriber_and_template
                of_many_programs_one_opens_the_enrollment
                a_finished_enrollment_does_not_move
                progress_changes_nothing_that_was_planned
                a_finished_enrollment_makes_its_subscriber_due
                enrollments_are_listed_last_moved_first
                activity_is_counted_by_station_and_state
                certificates_under_way_since_a_moment_are_counted
                the_journal_keeps_its_order
                a_second_request_never_replaces_the_first
            }
            archive {
                an_archived_key_is_bound_to_one_certificate
                an_archived_key_is_sealed_to_others_only_while_it_is_as_it_was_read
                an_enrollment_has_one_archived_key
                an_in_flight_key_exists_until_it_is_shredded
            }
            certificates {
                a_certificate_comes_back_with_its_bytes
                equal_chains_are_kept_once
                a_thumbprint_and_an_enrollment_have_one_certificate
                a_certificate_is_found_by_thumbprint_and_serial_number
                a_revocation_goes_forward_only
                whoever_loses_a_certificate_is_due
                only_a_valid_certificate_is_superseded
                a_hold_is_lifted_to_what_was_before
                a_revocation_takes_the_place_of_a_hold
                whoever_plans_reads_holds
                what_an_authority_confirmed_is_noted_with_its_moment
                figures_count_each_certificate_where_it_belongs
                deliveries_are_added_once_for_each_person
                certificates_and_deliveries_are_walked_page_by_page
                deliveries_of_former_certificates_are_listed
            }
            listing {
                every_order_and_filter_gives_each_match_once_in_order
                names_in_rare_characters_are_listed_once_on_every_page
                rows_that_come_between_pages_hide_and_repeat_nothing
                a_serial_number_or_thumbprint_is_found_in_every_spelling
                a_search_with_thousands_of_matches_misses_none
                a_place_of_another_order_is_refused
            }
            jobs {
                a_key_is_queued_once_until_its_job_is_done
                jobs_are_claimed_when_due_and_the_longest_due_first
                eight_workers_claim_each_of_five_hundred_jobs_once
                a_lease_that_ran_out_goes_to_another_and_the_old_token_is_refused
                an_extended_lease_is_not_taken_over
                a_parked_job_rests_until_it_is_due
                a_woken_job_is_due_at_once
                a_wish_that_comes_while_a_job_runs_is_not_lost
                the_next_due_time_looks_at_leases_too
                the_database_has_a_clock_of_its_own
                what_a_fast_clock_queues_is_due_at_once
                jobs_that_a_worker_does_not_know_of_are_given_back
                a_job_that_many_queue_at_once_is_there_once
                what_is_not_queued_is_told
                a_job_of_a_newer_program_blocks_nobody
            }
            budgets {
                after_a_burst_calls_are_drawn_evenly
                installations_that_draw_at_once_never_draw_more_than_there_is
                a_rest_is_for_everybody_and_the_longest_counts
            }
            services {
                a_service_is_run_by_one_worker_at_a_time
                the_last_fire_drill_is_kept_and_is_no_service
                the_called_fire_drill_is_kept_beside_the_one_that_was_drawn
                what_two_officers_note_at_once_is_all_kept
                a_claim_that_ran_out_goes_to_another
                its_own_worker_keeps_a_claim_longer
                a_claim_that_was_lost_is_never_its_own_again
                a_claim_that_is_held_in_a_unit_of_work_is_not_taken_before_its_end
                a_wish_from_a_fast_clock_means_at_once
                a_result_is_kept_and_the_next_run_set
                a_wish_that_comes_while_a_service_runs_is_not_lost
            }
            sharing {
                installations_are_listed_as_they_asked_and_say_that_they_are_there
                a_position_of_the_admission_log_is_taken_once
                sets_of_recovery_agents_and_their_signatures_only_grow
                a_setting_read_earlier_does_not_overwrite_a_newer_one
                a_secret_is_sealed_again_only_as_long_as_it_is_the_same
            }
            recovery {
                a_request_goes_on_from_the_state_that_it_is_in
                a_closed_request_loses_its_one_time_key
                a_grant_is_kept_once_and_one_does_not_stand_in_the_way_of_another
                the_database_refuses_to_change_or_delete_grants
            }
            audit {
                entries_are_listed_newest_first_and_verify
                entries_are_found_by_what_is_asked
                a_search_without_end_is_cut_into_pages
                the_chain_is_verified_behind_what_is_known
                tree_heads_are_kept_once_and_read_by_size
                an_entry_in_another_programs_words_is_shown_as_it_stands
                concurrent_writers_leave_no_gaps
                the_database_refuses_to_change_or_delete_entries
                random_tampering_is_noticed_and_the_row_is_named
                entries_cut_off_the_end_are_missed
                a_forged_hash_does_not_help
            }
            ledger {
                an_order_gives_one_certificate
                a_hold_in_the_books_is_lifted_or_becomes_a_revocation
                the_first_revocation_stays
                expired_certificates_leave_the_revocation_list
                what_was_issued_is_listed_with_its_revocations
                crl_numbers_are_never_given_twice
            }
        }
    };
    (@tests $fresh:path; $($module:ident { $($test:ident)+ })+) => {$(
        mod $module {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
                async fn $test() {
                    let database = $fresh().await;
                    $crate::suite::$module::$test(&database).await;
                }
            )+
        }
    )+};
    (@together $fresh:path; $($module:ident { $($test:ident)+ })+) => {
        async fn keep_all_promises() {
            let mut kept = tokio::task::JoinSet::new();
            $($(
                // As few at a time as a runner of tests would take: some look at the clock.
                if kept.len() >= 2 {
                    kept.join_next().await.unwrap().unwrap();
                }
                kept.spawn(async {
                    let database = $fresh().await;
                    $crate::suite::$module::$test(&database).await;
                });
            )+)+
            // A promise that is not kept has said so itself.
            kept.join_all().await;
        }
    };
}

pub(crate) use store_conformance;
