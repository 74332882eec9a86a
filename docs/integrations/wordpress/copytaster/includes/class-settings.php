<?php
/**
 * What an administrator sets, and the page where it is set.
 *
 * @package Copytaster
 */

namespace Copytaster;

defined( 'ABSPATH' ) || exit;

/** The option `copytaster`; the constants COPYTASTER_URL and COPYTASTER_KEY in wp-config.php go before it. */
final class Settings {

	/** Hooks the page into the menu. */
	public static function register() {
		add_action( 'admin_init', array( __CLASS__, 'fields' ) );
		add_action(
			'admin_menu',
			function () {
				add_options_page( 'copytaster', 'copytaster', 'manage_options', 'copytaster', array( __CLASS__, 'page' ) );
			}
		);
	}

	/** Every setting with its value, or its default. */
	public static function all() {
		$stored   = get_option( 'copytaster', array() );
		$settings = array_merge(
			array(
				'url'         => 'http://127.0.0.1:8765',
				'key'         => '',
				'source'      => sanitize_title( (string) wp_parse_url( home_url(), PHP_URL_HOST ) ),
				'unreachable' => 'hold',
				'timeout'     => 5,
				'post_types'  => array( 'post' ),
			),
			is_array( $stored ) ? $stored : array()
		);
		foreach ( array( 'url', 'key' ) as $name ) {
			$constant = 'COPYTASTER_' . strtoupper( $name );
			if ( defined( $constant ) ) {
				$settings[ $name ] = constant( $constant );
			}
		}
		return $settings;
	}

	/** One setting. */
	public static function get( $name ) {
		return self::all()[ $name ];
	}

	/** Whether posts of this type are checked. */
	public static function watches( $post_type ) {
		return in_array( $post_type, (array) self::get( 'post_types' ), true );
	}

	/** Declares the fields of the page. */
	public static function fields() {
		register_setting( 'copytaster', 'copytaster', array( 'sanitize_callback' => array( __CLASS__, 'sanitize' ) ) );
		add_settings_section( 'service', '', '__return_null', 'copytaster' );
		$titles = array(
			'url'         => __( 'Address of the service', 'copytaster' ),
			'key'         => __( 'API key', 'copytaster' ),
			'source'      => __( 'Name of this site', 'copytaster' ),
			'unreachable' => __( 'When the service cannot be reached', 'copytaster' ),
			'timeout'     => __( 'Seconds to wait for an answer', 'copytaster' ),
			'post_types'  => __( 'What is checked', 'copytaster' ),
		);
		foreach ( $titles as $name => $title ) {
			$options = 'post_types' === $name ? array() : array( 'label_for' => "copytaster-$name" );
			add_settings_field( $name, $title, array( __CLASS__, "field_$name" ), 'copytaster', 'service', $options );
		}
	}

	/** What is stored of what was sent; what does not fit keeps its old value and says so. */
	public static function sanitize( $given ) {
		$given = is_array( $given ) ? $given : array();
		$kept  = self::all();
		$url   = esc_url_raw( trim( (string) ( $given['url'] ?? $kept['url'] ) ), array( 'http', 'https' ) );
		if ( '' === $url ) {
			add_settings_error( 'copytaster', 'url', __( 'The address must begin with http:// or https://.', 'copytaster' ) );
			$url = $kept['url'];
		}
		$key    = trim( (string) ( $given['key'] ?? '' ) );
		$source = sanitize_title( (string) ( $given['source'] ?? '' ) );
		$types  = array_intersect( (array) ( $given['post_types'] ?? $kept['post_types'] ), self::post_types() );
		return array(
			'url'         => untrailingslashit( $url ),
			'key'         => '' === $key ? $kept['key'] : $key,
			'source'      => '' === $source ? $kept['source'] : $source,
			'unreachable' => 'publish' === ( $given['unreachable'] ?? '' ) ? 'publish' : 'hold',
			'timeout'     => min( 30, max( 1, (int) ( $given['timeout'] ?? $kept['timeout'] ) ) ),
			'post_types'  => array_values( $types ),
		);
	}

	/** The page. */
	public static function page() {
		if ( ! current_user_can( 'manage_options' ) ) {
			return;
		}
		echo '<div class="wrap"><h1>copytaster</h1>';
		$state = Service::state();
		printf( '<div class="notice notice-%s inline"><p>%s</p></div>', is_wp_error( $state ) ? 'error' : 'success', esc_html( is_wp_error( $state ) ? $state->get_error_message() : $state ) );
		echo '<form action="options.php" method="post">';
		settings_fields( 'copytaster' );
		do_settings_sections( 'copytaster' );
		submit_button();
		echo '</form></div>';
	}

	/** The address. */
	public static function field_url() {
		self::input( 'url', 'url', (string) self::get( 'url' ), defined( 'COPYTASTER_URL' ) );
		$address = wp_parse_url( (string) self::get( 'url' ) );
		if ( 'http' === ( $address['scheme'] ?? '' ) && ! in_array( $address['host'] ?? '', array( '127.0.0.1', 'localhost', '[::1]' ), true ) ) {
			self::hint( __( 'Over http:// the key and the posts can be read on the way. Use https:// unless the network between is your own.', 'copytaster' ) );
		}
	}

	/** The key, which is never shown again. */
	public static function field_key() {
		self::input( 'key', 'password', '', defined( 'COPYTASTER_KEY' ) );
		self::hint( self::get( 'key' ) ? __( 'A key is stored. Leave this empty to keep it.', 'copytaster' ) : __( 'Needs the scopes check, write and review. Empty for a service without keys.', 'copytaster' ) );
	}

	/** The source that items of this site have. */
	public static function field_source() {
		self::input( 'source', 'text', (string) self::get( 'source' ) );
		self::hint( __( 'Policies and feeds know the posts of this site by it.', 'copytaster' ) );
	}

	/** What becomes of posts that cannot be checked. */
	public static function field_unreachable() {
		$choices = array(
			'hold'    => __( 'Hold the post until it was checked', 'copytaster' ),
			'publish' => __( 'Publish it now, check it later', 'copytaster' ),
		);
		echo '<select name="copytaster[unreachable]" id="copytaster-unreachable">';
		foreach ( $choices as $value => $label ) {
			printf( '<option value="%s"%s>%s</option>', esc_attr( $value ), selected( self::get( 'unreachable' ), $value, false ), esc_html( $label ) );
		}
		echo '</select>';
		self::hint( __( 'A post that waits for the service is published by itself once it was checked and passed. A change of a live post never waits.', 'copytaster' ) );
	}

	/** Seconds before a check is given up. */
	public static function field_timeout() {
		printf( '<input name="copytaster[timeout]" id="copytaster-timeout" type="number" min="1" max="30" value="%d">', (int) self::get( 'timeout' ) );
	}

	/** Which post types. */
	public static function field_post_types() {
		foreach ( self::post_types() as $type ) {
			printf( '<label><input type="checkbox" name="copytaster[post_types][]" value="%s"%s> %s</label><br>', esc_attr( $type ), checked( self::watches( $type ), true, false ), esc_html( get_post_type_object( $type )->labels->name ) );
		}
	}

	/** The types that an editor can write and a reader can see. */
	private static function post_types() {
		return array_values( array_diff( get_post_types( array( 'public' => true, 'show_ui' => true ) ), array( 'attachment' ) ) );
	}

	/** A text field; one that wp-config.php has set cannot be changed here. */
	private static function input( $name, $type, $value, $fixed = false ) {
		printf( '<input name="copytaster[%1$s]" id="copytaster-%1$s" type="%2$s" value="%3$s" class="regular-text" autocomplete="off"%4$s>', esc_attr( $name ), esc_attr( $type ), esc_attr( $value ), disabled( $fixed, true, false ) );
		if ( $fixed ) {
			self::hint( __( 'Set in wp-config.php.', 'copytaster' ) );
		}
	}

	/** A line under a field. */
	private static function hint( $text ) {
		printf( '<p class="description">%s</p>', esc_html( $text ) );
	}
}
