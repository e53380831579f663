package dev.lifeboat.lab;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What was typed.
 *
 * @param command {@code demo}, {@code lab up}, {@code lab status} or {@code lab down}
 */
record LabArguments(String command, Path folder, EngineChoice engine) {

    static final class WrongUse extends RuntimeException {
        private static final long serialVersionUID = 1L;

        WrongUse(String message) {
            super(message);
        }
    }

    static LabArguments parse(List<String> typed) {
        List<String> words = new ArrayList<>();
        Path folder = LabMain.defaultFolder();
        EngineChoice engine = EngineChoice.AUTO;
        for (int i = 0; i < typed.size(); i++) {
            String word = typed.get(i);
            if (!word.startsWith("--")) {
                words.add(word);
                continue;
            }
            int equals = word.indexOf('=');
            String option = equals < 0 ? word : word.substring(0, equals);
            if (equals < 0 && ++i == typed.size()) {
                throw new WrongUse(option + " was given without a value");
            }
            String value = equals < 0 ? typed.get(i) : word.substring(equals + 1);
            switch (option) {
                case "--dir" -> folder = Path.of(value).toAbsolutePath().normalize();
                case "--engine" -> engine = engine(value);
                default -> throw new WrongUse("the lab does not know '" + option + "'");
            }
        }
        return new LabArguments(command(words), folder, engine);
    }

    private static String command(List<String> words) {
        String command = String.join(" ", words);
        return switch (command) {
            case "demo", "demo pitr" -> "demo";
            case "demo dumps" -> throw new WrongUse("the demo of dumps is not available yet; 'demo pitr' is");
            default -> command;
        };
    }

    private static EngineChoice engine(String value) {
        try {
            return EngineChoice.parse(value);
        } catch (IllegalArgumentException e) {
            throw new WrongUse("there is no engine '" + value + "'; there are auto, embedded and real");
        }
    }
}
