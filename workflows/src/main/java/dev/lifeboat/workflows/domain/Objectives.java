package dev.lifeboat.workflows.domain;

import java.time.Duration;

/** What was promised. What was measured is in the report's {@code achieved}. */
public record Objectives(Duration rto, Duration rpo) {}
