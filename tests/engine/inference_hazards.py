"""Every known way in which the rules engine (durable_rules 2.0.28) harms who uses it, and the test that shows the
adapter safe from it. The list is data: test_inference_hazard_list.py checks it, and docs/inference.md prints it.
"""

from dataclasses import dataclass
from enum import Enum


class Harm(Enum):
    """What happens to the one who meets it."""

    CRASH = "crash"
    """The process ends, or hangs for good."""
    SILENCE = "silence"
    """Something is left out, and success is reported."""
    LIE = "lie"
    """An answer that is wrong."""
    LIMIT = "limit"
    """It refuses, or worse, beyond a size."""
    LEAK = "leak"
    """Memory or threads that are not given back."""
    ORDER = "order"
    """The answer hangs on what came first."""


@dataclass(frozen=True, slots=True)
class Hazard:
    """`tests` are names of test functions of tests/engine, all of which must hold."""

    id: str
    harm: Harm
    says: str
    tests: tuple[str, ...]


def _crash(name: str, says: str, *tests: str) -> Hazard:
    return Hazard(name, Harm.CRASH, says, tests)


def _silence(name: str, says: str, *tests: str) -> Hazard:
    return Hazard(name, Harm.SILENCE, says, tests)


def _lie(name: str, says: str, *tests: str) -> Hazard:
    return Hazard(name, Harm.LIE, says, tests)


def _limit(name: str, says: str, *tests: str) -> Hazard:
    return Hazard(name, Harm.LIMIT, says, tests)


def _leak(name: str, says: str, *tests: str) -> Hazard:
    return Hazard(name, Harm.LEAK, says, tests)


def _order(name: str, says: str, *tests: str) -> Hazard:
    return Hazard(name, Harm.ORDER, says, tests)


_EQUALITY = "test_the_rules_use_nothing_of_the_engine_but_equality_two_orders_and_denial"
_SHAPE = "test_a_rule_beyond_the_engine_is_refused"
_STAGES = "test_another_order_of_stages_is_refused"
_CALLS = "test_six_functions_of_the_engine_are_called_and_no_other"
_LAYERS = "test_the_engine_comes_without_its_python_layers_and_without_a_thread"
_WORDS = "test_only_whole_numbers_and_plain_words_reach_the_engine"
_WHOLE = "test_a_fact_is_its_id_its_kind_and_every_field_of_it_and_nothing_else"
_FAR = "test_the_largest_policy_stays_far_from_the_limits_of_the_engine"
_REFUSED = "test_what_has_no_answer_is_refused_in_the_policys_words"
_MODEL = "test_what_is_derived_is_the_one_model_of_the_rules"

HAZARDS: tuple[Hazard, ...] = (
    _crash("build", "its C source names a function that Python 3.13 removed: it does not load, or not compile",
           "test_an_engine_that_does_not_load_says_how_to_install_it_again"),
    _crash("states", "the 1,025th state is a memory error, and the next touch of it the end of the process",
           "test_more_patterns_than_the_engine_has_states_are_concluded",
           "test_every_pattern_has_a_state_of_its_own_and_every_ruleset_an_end"),
    _crash("host timers", "the timers of its host use states that were deleted", _LAYERS),
    _crash("division", "an integer divided by zero ends the process", _EQUALITY),
    _crash("513 conditions", "the 513th condition after one other is an endless loop in C",
           _FAR, "test_the_most_counting_rules_with_a_group_each_are_concluded"),
    _crash("bare absence", "a rule that asks only that a field is absent fires for ever on the engine's own message",
           _EQUALITY, _SHAPE),
    _crash("condition on an id", "a condition on an id that a message lacks reads memory that nothing set",
           _SHAPE, _WHOLE),
    _crash("unprimed state", "a state in which no rule ever fired is freed through pointers that nothing set",
           "test_a_first_batch_that_is_refused_is_forgotten_safely",
           "test_closing_without_a_conclusion_and_closing_twice_is_safe"),
    _crash("offset", "a batch of which nothing was read is answered by an offset that nothing set",
           "test_a_batch_of_which_nothing_arrives_is_refused", "test_no_batch_is_empty_and_no_fact_is_told_twice",
           "test_a_batch_that_the_engine_does_not_read_is_an_error_and_the_next_conclusion_stands"),
    _crash("deleted while in use", "a ruleset that goes while it infers takes the process with it",
           "test_closing_waits_for_the_conclusion_that_is_being_drawn"),
    _silence("cut batch", "it stops at the first fact that its scanner rejects, and reports success for all",
             "test_a_batch_that_is_cut_short_is_refused", "test_the_end_of_another_batch_is_not_the_end_of_this_one"),
    _silence("nothing listens", "a fact that no rule hears is a mere code of return",
             "test_a_fact_that_no_rule_hears_is_refused"),
    _silence("colliding ids", "facts are known by a 32-bit hash of their id: the second of two that collide is dropped",
             "test_ids_and_the_engines_own_names_never_share_a_hash", "test_an_id_told_twice_is_refused"),
    _silence("missing field", "a join on a field that a fact lacks is silence, or an error, by the shape of the join",
             _WHOLE, _SHAPE, "test_a_field_is_always_a_number_or_always_a_word_and_no_fact_lacks_one"),
    _silence("null", "null counts as there for one comparison and as absent for the next", _WORDS),
    _silence("consumed events", "an event is taken by the first rule that matches, and no other sees it", _CALLS),
    _silence("swallowed errors", "an error in an action is kept in the state, for later cases to find",
             _CALLS, "test_a_conclusion_that_was_interrupted_leaves_nothing_behind"),
    _silence("lease", "a state with an action that was never completed answers nothing for half a minute",
             "test_an_interruption_while_an_action_is_open_leaves_nothing_locked",
             "test_no_facts_are_told_and_nothing_is_deleted_while_an_action_is_open"),
    _silence("half a condition", "its language keeps the second half of `a and b`, and some names cannot be fields",
             _LAYERS),
    _silence("one answer", "a rule answers with at most so many matches, counted in 16 bits",
             "test_however_many_matches_an_answer_of_the_engine_may_hold_all_come", _FAR),
    _silence("bad definition", "a bad rule fails at the next call, and takes those defined with it",
             "test_a_ruleset_that_the_engine_refuses_is_an_error_at_once"),
    _silence("after a failure", "what was told before an error is still there for the next case",
             "test_when_the_engine_fails_the_next_conclusion_comes_from_a_new_ruleset",
             "test_a_pattern_with_too_many_facts_is_refused_and_leaves_nothing_behind"),
    _silence("no answer", "nothing obliges it to answer each ladder once",
             "test_a_conclusion_without_an_answer_or_with_two_is_an_error"),
    _lie("colliding names", "fields, kinds and aliases are compared by a 32-bit hash and never by name",
         "test_names_that_the_engine_takes_for_one_are_refused",
         "test_the_rules_are_fit_with_and_without_120_counting_rules_and_240_quorums"),
    _lie("colliding states", "two states whose names collide are one memory",
         "test_every_pattern_has_a_state_of_its_own_and_every_ruleset_an_end", _WHOLE),
    _lie("names as values", "text has a meaning of the engine's own: a point, a dollar, a quote, a number",
         "test_names_that_the_engine_confuses_stay_apart", "test_no_name_of_a_policy_reaches_the_engine"),
    _lie("order of text", "text is ordered by what stands behind it in memory",
         _EQUALITY, "test_a_rule_compares_only_what_is_of_one_sort"),
    _lie("coercion", "`'abc' > 5` and `5 == '5'` are true, and `'5' == 5` is what lay on the stack",
         "test_a_rule_compares_only_what_is_of_one_sort",
         "test_a_field_is_always_a_number_or_always_a_word_and_no_fact_lacks_one"),
    _lie("floating point", "a number with an exponent is misread; NaN is null; a float is not exact", _WORDS),
    _lie("64 bits", "an integer of more than 64 bits becomes the largest there is",
         "test_a_number_beyond_64_bits_is_refused"),
    _lie("truth values", "`true == 1`", _WORDS),
    _lie("late denial", "a fact that arrives after it was denied withdraws nothing",
         _STAGES, "test_a_rule_that_does_not_wait_for_its_stage_is_refused",
         "test_a_rule_that_concludes_what_another_has_already_denied_is_refused", _MODEL),
    _lie("retraction", "to retract a fact that was denied takes an innocent fact's match away", _CALLS),
    _lie("two states of one thing", "a finding that is true and unknown at once, or a count that is also found",
         "test_a_pattern_that_contradicts_itself_or_the_policy_is_refused"),
    _lie("count of 0 or 65,537", "a count to 0 acts like 1, and one to 65,537 like 1",
         _REFUSED, _SHAPE, "test_a_count_to_the_highest_threshold_is_exact"),
    _lie("frames of a count", "a count answers once for every so many matches, not once",
         "test_two_of_three_indicators_are_counted_with_three_values",
         "test_a_step_of_a_count_names_as_many_indicators_as_were_needed"),
    _lie("return before firing", "with several threads on one state a call returns before its rule fired",
         "test_four_threads_share_one_inference"),
    _lie("shared registry", "its registry of rulesets is global, by name and write-once",
         _LAYERS, "test_policies_that_are_inferred_at_the_same_time_do_not_mix"),
    _lie("a change of the engine", "another version, or another build, may answer otherwise",
         "test_the_engine_agrees_with_a_plain_reading_on_2000_patterns", _MODEL),
    _limit("255 rules on one condition", "one more is refused by code 108",
           "test_121_counting_rules_are_too_many_and_120_are_not",
           "test_the_most_counts_of_one_group_and_the_most_quorums_are_concluded_together"),
    _limit("conditions that hold at once", "more than 64 for one fact are refused by code 303", _FAR),
    _limit("antecedents", "more than 16 in one rule are refused by code 304, while inferring", _SHAPE),
    _limit("leaves", "more than 30 comparisons in a join are refused by code 113", _SHAPE),
    _limit("denial first", "a rule that starts with a denial never fires, or always", _SHAPE),
    _limit("fields", "more than 252 of one fact are refused by code 302", _FAR),
    _limit("priorities", "a priority is 16 bits, and -1 the lowest", _EQUALITY),
    _limit("quorums", "each quorum is a condition after one other, of which 513 hang it",
           "test_241_quorums_are_too_many_and_240_are_not",
           "test_the_most_quorums_are_concluded_each_for_itself"),
    _limit("facts of a pattern", "8 KB a fact while it lives: more than 20,000 are refused, by an estimate at once",
           "test_a_policy_that_may_need_more_than_20000_facts_is_refused",
           "test_no_pattern_needs_more_facts_than_were_estimated",
           "test_a_pattern_with_too_many_facts_is_refused_and_leaves_nothing_behind"),
    _limit("rules that contradict by pairs", "n rules that all disagree are n² facts",
           "test_rules_that_all_disagree_count_by_pairs", "test_a_large_pattern_is_concluded_like_a_small_one"),
    _limit("levels by pairs", "with a rule in it the highest level would be sought among all pairs of rules",
           "test_the_shape_of_a_level_is_free_of_the_rule_that_reached_it"),
    _leak("states", "a state takes 300 KB and a fact 8 KB until it is deleted",
          "test_memory_does_not_grow_over_10000_patterns", "test_memory_does_not_grow_over_a_million_patterns"),
    _leak("rulesets", "a ruleset that is deleted with facts in it leaves 340 KB behind",
          "test_memory_does_not_grow_over_200_policies", "test_memory_does_not_grow_over_200_conclusions_that_fail",
        "test_after_a_failure_the_state_is_deleted_and_then_the_ruleset"),
    _leak("timer threads", "its host starts ten threads a second and cannot be stopped", _LAYERS),
    _leak("memory of conclusions", "subjects show ever new patterns",
          "test_a_pattern_is_inferred_once_and_remembered_within_bounds"),
    _leak("use after closing", "a handle that was given back belongs to the next ruleset",
          "test_after_closing_nothing_is_concluded"),
    _order("facts", "it fires in the order of facts, last in first out in a chain",
           "test_the_order_of_given_facts_never_matters", "test_the_order_of_facts_in_every_batch_never_matters"),
    _order("rules", "of rules that are ready it fires the one that was defined first",
           "test_the_order_of_the_generic_rules_never_matters", "test_the_order_of_rules_and_ladders_never_matters"),
    _order("patterns", "what one case left behind would show in the next",
           "test_the_order_in_which_patterns_come_never_matters"),
    _order("hash seed", "sets are walked in another order in every process",
           "test_the_same_words_follow_whatever_the_hash_seed"),
    _order("names", "rules sort, look and hash by their names", "test_names_are_only_names"),
    _order("defeats that go round", "rules that defeat each other have no answer that does not hang on the first",
           _REFUSED, "test_every_way_round_is_named_in_full_from_its_first_rule"),
    _order("ranks", "a rule may be denied only after those that defeat it were decided",
           "test_a_rule_effective_at_every_rank_is_refused",
           "test_a_policy_with_rules_the_engine_cannot_be_trusted_with_never_starts"),
    _order("stages", "a stage that begins before all of the last one followed denies too early",
           "test_a_stage_is_the_last_fact_of_its_batch_and_begins_when_nothing_more_follows"),
    _order("files, rules and rows", "a policy is written, and facts are exported, in any order",
           "test_files_rules_and_rows_of_the_shipped_pack_in_any_order_give_the_same_answers",
           "test_files_rules_and_moves_in_any_order_have_the_same_verdicts"),
)  # fmt: skip
