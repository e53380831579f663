package dev.lifeboat.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What came of the last start by a schedule.
 *
 * @param outcome  {@code started}, {@code skipped}, {@code waiting} for a worker, {@code missed} or {@code unknown}
 * @param runId    of the run that it started
 * @param exitCode of that run; null while it is open, and where it left no report
 * @param words    all of it, for people
 * @param good     nothing about it needs anybody
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record LastStart(
        Instant at, String outcome, @Nullable String runId, @Nullable Integer exitCode, String words, boolean good) {

    /** {@code 2026-11-26T01:30:04Z  started, exit 0}. */
    String line() {
        return Words.utc(at) + "  " + words;
    }
}
