package dev.lifeboat.workflows.runbook;

import dev.lifeboat.workflows.domain.Objectives;
import java.util.Map;

/**
 * What every run is started with.
 *
 * @param requestedBy {@code user@host} of the starter
 * @param reason      why, in the starter's words; empty when not given
 * @param yes         answers every gate that the starter may answer, re-asked ones too
 * @param takeOver    a person said that the holder of the lease is dead
 * @param typed       the inputs as typed, for the report
 */
public record RunRequest(
        String requestedBy,
        String reason,
        boolean yes,
        boolean takeOver,
        Objectives objectives,
        Map<String, String> typed) {}
