package javax.annotation;

/** The annotation that generated code carries; Java 17 has it under another name. */
public @interface Generated {
    String value();

    String date() default "";

    String comments() default "";
}
