package dev.lifeboat.workflows.contract;

/**
 * What a long activity heartbeats, for people to watch. Where to go on after a crash is never in here: heartbeats are
 * throttled and may be stale, so an attempt looks at what is really on disk or in the bucket.
 *
 * @param what  a few words, for example {@code chunk 12 of 18}
 * @param done  in {@code unit}
 * @param total in {@code unit}; 0 while it is not known
 * @param unit  {@code bytes}, {@code segments} or another plural
 */
public record Progress(String what, long done, long total, String unit) {}
